"""`kafkaview incidents`: what was found wrong on a cluster, as it is kept with the connection. Asks no broker."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from kafkaview.cli.execution import Common, Json, exit_code_of
from kafkaview.cli.output import Output
from kafkaview.clock import now_ms

if TYPE_CHECKING:
    from kafkaview.triage.incidents.store import IncidentStore

incidents_app = typer.Typer(
    help="List what was found wrong; note, ignore and reopen an incident.", add_completion=False
)

_STATES = "open, re-routed, skipped, solved or ignored"
IncidentNumber = Annotated[int, typer.Argument(metavar="ID", help="the number of the incident")]


@incidents_app.callback(invoke_without_command=True)
def incidents(
    context: typer.Context,
    *,
    state: Annotated[str | None, typer.Option("--state", help=f"only those that are {_STATES}")] = None,
    json: Json = False,
) -> None:
    """List what stuck groups, scans and log lines found on this connection, by cause, the newest seen first."""
    if context.invoked_subcommand is not None:
        return
    from kafkaview.triage.incidents.incident import IncidentState

    if state is not None and state not in set(IncidentState):
        raise typer.BadParameter(f"'{state}' is no state: write {_STATES}")

    def work(store: IncidentStore, output: Output) -> None:
        from kafkaview.triage.incidents.listed_columns import INCIDENT_FIELDS

        found = [one for one in store.incidents() if state is None or one.state == state]
        output.listing("incidents", INCIDENT_FIELDS, found)

    _run(context, work, json=json)


@incidents_app.command("note")
def note(
    context: typer.Context,
    incident: IncidentNumber,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="the note; an empty one is none")],
    *,
    json: Json = False,
) -> None:
    """Replace the note of an incident."""
    _run(context, lambda store, output: _change(store, output, incident, lambda: store.note(incident, text)), json=json)


@incidents_app.command("ignore")
def ignore(context: typer.Context, incident: IncidentNumber, *, json: Json = False) -> None:
    """List an incident as ignored until it is reopened, or its group moves."""
    _run(
        context,
        lambda store, output: _change(store, output, incident, lambda: store.ignore(incident, now_ms())),
        json=json,
    )


@incidents_app.command("reopen")
def reopen(context: typer.Context, incident: IncidentNumber, *, json: Json = False) -> None:
    """Make an incident open again, whatever its state."""
    _run(
        context,
        lambda store, output: _change(store, output, incident, lambda: store.reopen(incident, now_ms())),
        json=json,
    )


def _change(store: IncidentStore, output: Output, incident: int, change: Callable[[], None]) -> None:
    from kafkaview.triage.incidents.listed_columns import INCIDENT_FIELDS

    change()
    output.listing("incidents", INCIDENT_FIELDS, [one for one in store.incidents() if one.id == incident])


def say_damage(output: Output, store: IncidentStore) -> None:
    """Says where the file was damaged, and what became of it."""
    if store.damage:
        output.note(store.damage, "yellow")


def _run(context: typer.Context, work: Callable[[IncidentStore, Output], None], *, json: bool) -> None:
    common: Common = context.obj
    output = Output(json or common.json)

    def within_store() -> None:
        from kafkaview.journal.store import default_path
        from kafkaview.triage.incidents.store import IncidentStore

        profile, _secrets = common.connection(for_window=True)  # no broker is asked, so the keyring is not
        store = IncidentStore.of(profile, default_path())
        work(store, output)
        say_damage(output, store)

    raise typer.Exit(exit_code_of(output, within_store))
