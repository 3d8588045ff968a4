"""Execution of one verb: its session, its time limit, and its exit code after an error."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from kafkaview.cli.output import Output
from kafkaview.failure import Failure

if TYPE_CHECKING:
    from kafkaview.profiles.profile import ConnectionProfile
    from kafkaview.profiles.security import Secrets
    from kafkaview.session import Session

TIMEOUT_S = 15.0
BAD_USAGE = 2
INTERRUPTED = 130

Json = Annotated[bool, typer.Option("--json", help="print JSON, and nothing else, on stdout")]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout", min=0.1, help=f"time limit of the command, in seconds (default {TIMEOUT_S:.0f})"),
]
Work = Callable[["Session", Output], Awaitable[int | None]]


class BadUsage(Exception):
    """The command line is wrong: exit code 2."""


class BrokenConfiguration(BadUsage):
    """The named file does not describe a connection."""


@dataclass(frozen=True, slots=True)
class Common:
    """The options before the verb, which name the cluster."""

    profile: str | None
    bootstrap: str | None
    config: Path | None
    settings: tuple[str, ...]
    json: bool
    timeout: float | None

    @property
    def names_a_cluster(self) -> bool:
        """Whether the options name a cluster."""
        return bool(self.profile or self.bootstrap or self.config)

    def connection(self, *, for_window: bool = False) -> tuple[ConnectionProfile, Secrets]:
        """Returns the connection that the options describe, with its secrets. For a window these are only the secrets
        of the file and the environment: its engine reads the keyring. Raises BadUsage.
        """
        if not self.names_a_cluster:
            raise BadUsage("Which cluster? Say --profile NAME, --bootstrap HOST:PORT or --config FILE before the verb")
        if self.profile and (self.bootstrap or self.config):
            raise BadUsage("--profile names the cluster already: leave --bootstrap and --config out")
        from kafkaview.profiles.properties import check_overrides, profile_from

        broken: type[BadUsage] = BadUsage
        try:
            overrides = dict(map(_parse_setting, self.settings))
            check_overrides(overrides)
            if self.config and self.config.is_file():
                broken = BrokenConfiguration
            if self.profile:
                if for_window:
                    return _read_profile_without_keyring(self.profile, overrides)
                return _read_profile(self.profile, overrides, self.timeout or TIMEOUT_S)
            return profile_from(self.bootstrap, self.config, overrides, os.environ)
        except (ValueError, OSError) as error:
            raise broken(str(error)) from error


def _read_profile(name: str, overrides: Mapping[str, str], limit: float) -> tuple[ConnectionProfile, Secrets]:
    import asyncio

    from kafkaview.profiles.keyring import Keyring
    from kafkaview.profiles.opening import secrets_of, with_settings
    from kafkaview.profiles.store import ProfileStore

    profile = with_settings(ProfileStore().get(name), overrides)
    return profile, asyncio.run(secrets_of(profile, os.environ, Keyring(limit=limit)))


def _read_profile_without_keyring(name: str, overrides: Mapping[str, str]) -> tuple[ConnectionProfile, Secrets]:
    from kafkaview.profiles.opening import with_settings
    from kafkaview.profiles.properties import with_environment
    from kafkaview.profiles.security import Secrets
    from kafkaview.profiles.store import ProfileStore

    profile = with_settings(ProfileStore().get(name), overrides)
    return profile, with_environment(profile, Secrets(), os.environ)


def _parse_setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise ValueError(f"-X takes key=value, not '{text}'")
    return key.strip(), value.strip()


def run(
    context: typer.Context,
    work: Work,
    *,
    json: bool,
    timeout: float | None = None,
    bounded: bool = True,
    more: float = 0,
) -> NoReturn:
    """Runs a verb in a session and ends the program with its exit code. A `bounded` verb only reads: it must end within
    the timeout, plus `more` seconds that it needs anyway.
    """
    import asyncio

    common: Common = context.obj
    output = Output(json or common.json)
    limit = (timeout or common.timeout or TIMEOUT_S) + more if bounded else None
    raise typer.Exit(
        exit_code_of(output, lambda: asyncio.run(_within_session(*common.connection(), work, output, limit)))
    )


def exit_code_of(output: Output, work: Callable[[], int | None]) -> int:
    """Runs work and returns its exit code; prints an error in the form of the contract."""
    try:
        return work() or 0
    except BadUsage as error:
        output.error("usage", str(error))
        return BAD_USAGE
    except Failure as error:
        output.error(error.kind, error.message, error.hint)
        return error.exit_code
    except KeyboardInterrupt:
        output.error("interrupted", "Interrupted")
        return INTERRUPTED


async def _within_session(
    profile: ConnectionProfile, secrets: Secrets, work: Work, output: Output, limit: float | None
) -> int | None:
    from kafkaview.log_files import log_held_stderr
    from kafkaview.session import open_session

    log_held_stderr()
    async with open_session(profile, secrets) as session, limit_time(session, limit):
        return await work(session, output)


@asynccontextmanager
async def limit_time(session: Session, seconds: float | None) -> AsyncIterator[None]:
    """Ends its block after so many seconds: then the cluster counts as unreachable."""
    import asyncio

    from kafkaview.cluster.errors import Unreachable

    session.limit.set(seconds)
    try:
        async with asyncio.timeout(seconds) as deadline:
            yield
    except TimeoutError:
        if not deadline.expired():
            raise
        raise Unreachable(
            f"{session.profile.bootstrap} gave no full answer within {seconds:g} s",
            "Give it more time with --timeout, or look at the brokers.",
        ) from None
