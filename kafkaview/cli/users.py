"""`kafkaview users`: SCRAM users; their passwords are set and deleted. A password is typed or read from stdin."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Awaitable
from typing import Annotated

import typer

from kafkaview.cli.execution import BadUsage, Json, Timeout, run
from kafkaview.cli.output import Output
from kafkaview.cli.writes import Write, write_verb
from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.security import LEAST_ITERATIONS, NewScramCredential, ScramMechanism
from kafkaview.cluster.ports.unseen import Unseen
from kafkaview.security.listed_columns import USER_FIELDS
from kafkaview.security.plans import plan_delete_scram, plan_set_scram
from kafkaview.session import Session
from kafkaview.writes.plan import ChangePlan

users_app = typer.Typer(help="List SCRAM users; set and delete passwords.", add_completion=False)

User = Annotated[str, typer.Argument(help="the user's name, without User:")]
Mechanism = Annotated[str, typer.Option("--mechanism", help="SCRAM-SHA-256 or SCRAM-SHA-512")]
Iterations = Annotated[int, typer.Option("--iterations", help="number of hash iterations")]


@users_app.callback(invoke_without_command=True)
def users(context: typer.Context, *, json: Json = False, timeout: Timeout = None) -> None:
    """List the SCRAM users with mechanism and iterations."""
    if context.invoked_subcommand is None:
        run(context, _users, json=json, timeout=timeout)


@users_app.command("set")
@write_verb
def set_password(user: User, *, mechanism: Mechanism, iterations: Iterations = LEAST_ITERATIONS) -> Write:
    """Set a user's password. It is typed on a terminal, or read from the first line of stdin."""

    def make(session: Session) -> Awaitable[ChangePlan]:
        kind = _mechanism(mechanism)
        return plan_set_scram(session, NewScramCredential(user, kind, iterations, _ask_password(user)))

    return Write(make)


@users_app.command("delete")
@write_verb
def delete(user: User, *, mechanism: Mechanism) -> Write:
    """Delete a user's password for one mechanism."""
    return Write(lambda session: plan_delete_scram(session, user, _mechanism(mechanism)))


async def _users(session: Session, output: Output) -> None:
    users = await session.cluster.security.scram_users()
    unseen = [Unseen("users", ClusterError(one.error), name=one.user) for one in users if one.error is not None]
    output.listing("users", USER_FIELDS, users, unseen)


def _mechanism(word: str) -> ScramMechanism:
    known = [one for one in ScramMechanism if one is not ScramMechanism.UNKNOWN]
    found = next((one for one in known if word.upper().replace("_", "-") == one.word), None)
    if found is None:
        raise BadUsage(f"'{word}' is none of {', '.join(one.word for one in known)}")
    return found


def _ask_password(user: str) -> str:
    """Returns the password. On a terminal it is typed twice, because it is not echoed."""
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass(f"New password of {user}: ")
        if getpass.getpass("Once more: ") != password:
            raise BadUsage("The two passwords differ: nothing was written")
    if not password:
        raise BadUsage("No password was given")
    if not password.isprintable() and any("\ud800" <= one <= "\udfff" for one in password):
        raise BadUsage("The password has bytes that are not UTF-8, which SCRAM does not take")
    return password
