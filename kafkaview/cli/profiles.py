"""`kafkaview profiles`: the saved connections. Needs no cluster and prints no secret."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from kafkaview.cli.execution import BadUsage, Common, Json, exit_code_of
from kafkaview.cli.output import Output, OutputColumn
from kafkaview.cli.profile_documents import profile_document
from kafkaview.cli.profile_secrets import delete_secrets, find_secrets, keep_secret, save
from kafkaview.profiles.exporting import Spelling, export
from kafkaview.profiles.profile import ConnectionProfile, Environment
from kafkaview.profiles.required_secrets import find_used_secrets, word_of
from kafkaview.profiles.security import SecretField
from kafkaview.profiles.store import ProfileStore

profiles_app = typer.Typer(
    help="List, add, import, export and remove saved connections.", add_completion=False, no_args_is_help=True
)
Name = Annotated[str, typer.Argument(help="the connection's name")]
NewName = Annotated[str, typer.Option("--name", help="the connection's name")]
Where = Annotated[
    Environment | None,
    typer.Option("--environment", help="how much harm a wrong write can do on this cluster (default: not named)"),
]
Colour = Annotated[
    str | None,
    typer.Option("--colour", metavar="#RRGGBB", help="its colour in the window (default: the environment's)"),
]
ReadOnly = Annotated[bool, typer.Option("--read-only", help="refuse every write")]
Without = Annotated[
    bool, typer.Option("--without-secrets", help="store no secrets: each run reads them from environment variables")
]


@profiles_app.command("list")
def list_(context: typer.Context, *, json: Json = False) -> None:
    """List the saved connections, in the order of the window."""

    def work(store: ProfileStore, output: Output) -> None:
        found, last = store.list(), store.last_used()
        if output.json:
            rows = [profile_document(profile) for profile in found]
            note = store.note.text if store.note else None
            output.document({"profiles": rows, "last_used": last.name if last else None, "note": note})
            return
        output.table(
            [OutputColumn(title) for title in ("Name", "Environment", "Brokers", "Security", "User", "Read-only")],
            [
                [
                    p.name,
                    p.environment,
                    p.bootstrap,
                    _security(p),
                    p.security.login,
                    p.read_only,
                ]
                for p in found
            ],
        )

    _run(context, work, json=json)


@profiles_app.command("show")
def show(context: typer.Context, name: Name, *, json: Json = False) -> None:
    """Show a saved connection, and which of its secrets are in the keyring."""

    def work(store: ProfileStore, output: Output) -> None:
        profile = store.get(name)
        kept, why_not = asyncio.run(find_secrets(profile)) if find_used_secrets(profile) else (frozenset(), None)
        state = {field.value: None if kept is None else field in kept for field in find_used_secrets(profile)}
        if output.json:
            output.document({**profile_document(profile), "secrets": state, "keyring": why_not})
            return
        output.words.print(export(profile).rstrip(), markup=False, soft_wrap=True)
        for field in find_used_secrets(profile):
            where = {True: "in the keyring", False: "not kept", None: why_not}[state[field.value]]
            output.say(f"{field.value}: {where}")

    _run(context, work, json=json)


@profiles_app.command("add")
def add(
    context: typer.Context,
    *,
    name: NewName,
    environment: Where = None,
    colour: Colour = None,
    read_only: ReadOnly = False,
    without_secrets: Without = False,
    json: Json = False,
) -> None:
    """Save a connection: the cluster that --bootstrap, --config and -X name before the verb. On a terminal it asks for
    missing secrets.
    """
    common: Common = context.obj

    def work(store: ProfileStore, output: Output) -> None:
        if common.profile:
            raise BadUsage("--profile names a connection that is saved already")
        profile, secrets = common.connection()
        profile = _rename(profile, name, environment, colour, read_only=read_only)
        save(store, profile, None if without_secrets else secrets, output)

    _run(context, work, json=json)


@profiles_app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="a client.properties file, for Java or librdkafka")],
    *,
    name: NewName,
    environment: Where = None,
    colour: Colour = None,
    read_only: ReadOnly = False,
    without_secrets: Without = False,
    json: Json = False,
) -> None:
    """Save the connection that a file describes. Its secrets go into the keyring, and the file is not changed. On a
    terminal it asks for missing secrets.
    """

    def work(store: ProfileStore, output: Output) -> None:
        from kafkaview.cluster.kafka.connection_file import read_connection_file

        try:
            found = read_connection_file(file)
        except ValueError as wrong:
            raise BadUsage(str(wrong)) from None
        profile = _rename(found.profile, name, environment, colour, read_only=read_only)
        still = str(file) if found.holds_secrets else None
        secrets = None if without_secrets else found.secrets
        save(store, profile, secrets, output, still_in=still, left_out=found.left_out)

    _run(context, work, json=json)


@profiles_app.command("export")
def export_(
    context: typer.Context,
    name: Name,
    *,
    spelling: Annotated[
        Spelling, typer.Option("--spelling", help="write the setting names of this client library")
    ] = Spelling.JAVA,
    json: Json = False,
) -> None:
    """Print a connection as a client.properties file, without its secrets."""

    def work(store: ProfileStore, output: Output) -> None:
        text = export(store.get(name), spelling)
        if output.json:
            output.document({"profile": name, "properties": text})
        else:
            sys.stdout.write(text)

    _run(context, work, json=json)


@profiles_app.command("remove")
def remove(
    context: typer.Context,
    name: Name,
    *,
    leave_secrets: Annotated[
        bool,
        typer.Option(
            "--leave-secrets", help="do not delete its secrets from the keyring; for when no keyring can be reached"
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Remove a connection, and delete its secrets from the keyring."""

    def work(store: ProfileStore, output: Output) -> None:
        profile = store.get(name)
        if not leave_secrets:
            asyncio.run(delete_secrets(profile))
        store.remove(profile.id)
        if output.json:
            output.document({"removed": name})
        else:
            output.say(f"{name} is removed" + ("" if leave_secrets else ", its secrets are deleted"))

    _run(context, work, json=json)


@profiles_app.command("set-secret")
def set_secret(
    context: typer.Context,
    name: Name,
    field: Annotated[SecretField, typer.Argument(metavar="FIELD", help=f"the secret: {', '.join(SecretField)}")],
    *,
    json: Json = False,
) -> None:
    """Store a secret in the keyring. It is typed on a terminal, or read from the first line of stdin."""

    def work(store: ProfileStore, output: Output) -> None:
        profile = store.get(name)
        asyncio.run(keep_secret(profile, field))
        if field not in find_used_secrets(profile):
            output.note(f"{name} does not use its {field.value} as it is now.")
        if output.json:
            output.document({"profile": name, "secret": field.value})
        else:
            output.say(f"The {word_of(field)} of {name} is in the keyring")

    _run(context, work, json=json)


def _run(context: typer.Context, work: Callable[[ProfileStore, Output], None], *, json: bool) -> None:
    common: Common = context.obj
    output = Output(json or common.json)
    store = ProfileStore()

    def work_and_note() -> None:
        try:
            work(store, output)
        finally:
            if store.note is not None:
                output.note(store.note.text, "bold")

    raise typer.Exit(exit_code_of(output, work_and_note))


def _rename(
    profile: ConnectionProfile, name: str, environment: Environment | None, colour: str | None, *, read_only: bool
) -> ConnectionProfile:
    return replace(profile, name=name, environment=environment, colour=colour, read_only=read_only or profile.read_only)


def _security(profile: ConnectionProfile) -> str:
    sasl = profile.security.sasl
    return profile.security.protocol.value + (f" {sasl.mechanism}" if sasl else "")
