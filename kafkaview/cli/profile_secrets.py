"""The secrets of saved connections: saved, asked for, listed and deleted, but never printed."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kafkaview.cli.execution import BadUsage
from kafkaview.cli.output import Output
from kafkaview.cli.profile_documents import profile_document
from kafkaview.command_words import command_words, printed_line, shell_line
from kafkaview.profiles.errors import KeyringUnavailable
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.required_secrets import find_needed_secrets, find_used_secrets, missing_secrets, word_of
from kafkaview.profiles.security import SecretField, Secrets
from kafkaview.profiles.store import ProfileStore

if TYPE_CHECKING:
    from kafkaview.profiles.keyring import Keyring


def save(
    store: ProfileStore,
    profile: ConnectionProfile,
    found: Secrets | None,
    output: Output,
    *,
    still_in: str | None = None,
    left_out: Sequence[str] = (),
) -> None:
    """Saves a connection with its secrets, or neither if no keyring takes the secrets. `found` None: keep no secret.
    `left_out` has a sentence for each part of a file that is not taken over.
    """
    kept = store.add(profile)
    try:
        secrets = Secrets() if found is None else _ask_for_missing(kept, found)
        if secrets.fields():
            asyncio.run(_open_keyring().keep(kept, secrets))
    except KeyringUnavailable as failure:
        store.remove(kept.id)
        raise KeyringUnavailable(
            f"{failure.message} The connection is not saved.",
            f"{failure.hint} With --without-secrets the connection alone is saved.",
        ) from None
    except KeyboardInterrupt:
        store.remove(kept.id)
        raise
    lacking = [field.value for field in missing_secrets(kept, secrets)]
    if output.json:
        output.document(
            {
                "profile": profile_document(kept),
                "secrets_kept": sorted(field.value for field in secrets.fields()),
                "secrets_missing": lacking,
                "file_still_holds_secrets": still_in is not None,
                "not_taken_over": list(left_out),
            }
        )
    else:
        output.say(f"{kept.name} is saved")
        for field in sorted(secrets.fields()):
            output.say(f"The {word_of(field)} is in the keyring")
    if still_in is not None:
        output.note(f"{still_in} still holds the secrets: delete them there if nothing else needs them.")
    for sentence in left_out:
        output.note(f"Not taken over: {sentence}")
    for word in lacking:
        words = command_words(["profiles", "set-secret"], [kept.name, word])
        output.note(f"{kept.name} needs its {word}: {shell_line(printed_line(*words))}")


async def find_secrets(profile: ConnectionProfile) -> tuple[frozenset[SecretField] | None, str | None]:
    """Returns the names of the stored secrets; or None, and why they are unknown."""
    try:
        return (await _open_keyring().read_all(profile)).fields(), None
    except KeyringUnavailable as failure:
        return None, failure.message


async def delete_secrets(profile: ConnectionProfile) -> None:
    """Deletes the secrets of a connection. Without a keyring, a connection that has none can still be removed."""
    try:
        await _open_keyring().delete_all(profile)
    except KeyringUnavailable as failure:
        if find_used_secrets(profile):
            hint = f"{failure.hint} With --leave-secrets the connection alone is removed."
            raise KeyringUnavailable(failure.message, hint) from None


async def keep_secret(profile: ConnectionProfile, field: SecretField) -> None:
    """Stores one secret in the keyring: typed on a terminal, else the first line of stdin."""
    await _open_keyring().set(profile, field, _read_secret(f"{word_of(field)} of {profile.name}: "))


def _open_keyring() -> Keyring:
    from kafkaview.profiles.keyring import Keyring  # a tenth of a second, for the verbs that need it

    return Keyring()


def _ask_for_missing(profile: ConnectionProfile, secrets: Secrets) -> Secrets:
    """Returns the secrets, completed by what the user types for each missing one. An empty line leaves it out."""
    if not sys.stdin.isatty():
        return secrets
    for field in find_used_secrets(profile):
        if field not in secrets.fields():
            unless = "" if field in find_needed_secrets(profile) else ", empty if there is none"
            typed = _prompt(f"{word_of(field)} of {profile.name}{unless}: ")
            secrets = secrets.with_secret(field, typed) if typed else secrets
    return secrets


def _read_secret(prompt: str) -> str:
    value = _prompt(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not value:
        raise BadUsage("No secret was given")
    return value


def _prompt(prompt: str) -> str:
    """Returns what the user types, which is not echoed; empty if the terminal is closed."""
    try:
        return getpass.getpass(prompt[0].upper() + prompt[1:])
    except EOFError:
        return ""
