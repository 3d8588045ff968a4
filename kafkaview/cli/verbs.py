"""The verbs by name. A verb's module is imported only when its name is on the line: some take longer to load than to
run.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from kafkaview.cli.coercion import coerce_plainly


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb, or a group of verbs: the module and name of its function or typer.Typer, and its line in `--help`."""

    name: str
    module: str
    function: str
    help: str

    def load(self) -> Any:
        """Imports the verb and returns its command."""
        found = getattr(import_module(f"kafkaview.cli.{self.module}"), self.function)
        alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        if isinstance(found, typer.Typer):
            alone.add_typer(found, name=self.name)
        else:
            alone.command(self.name)(found)
        command = typer.main.get_group(alone).commands[self.name]
        coerce_plainly(command)
        return command


VERBS: Final = (
    Verb(
        "demo",
        "demo",
        "demo",
        "Start a real Kafka that goes wrong on purpose.",
    ),
    Verb(
        "doctor",
        "doctor",
        "doctor",
        "Find out why a connection fails.",
    ),
    Verb("topics", "topics", "topics_app", "List the topics; count, create, change and delete one."),
    Verb("topic", "topics", "topic", "Show one topic with its partitions and settings."),
    Verb(
        "records", "records", "records_app", "Read, filter, follow and export records of a topic; produce and import."
    ),
    Verb("groups", "groups", "groups_app", "List the consumer groups; delete one."),
    Verb("lag", "groups", "lag", "Show the committed offsets of groups and their lag."),
    Verb(
        "commits", "commits", "commits", "Show how a group commits: by a timer, per record or batch, in transactions."
    ),
    Verb("offsets", "offsets", "offsets_app", "Change a group's committed offsets; skip a record; undo a change."),
    Verb("configs", "configs", "configs", "List the settings of a broker or a topic."),
    Verb("stuck", "stuck", "stuck", "Find partitions on which a group does not move, and why."),
    Verb("incidents", "incidents", "incidents_app", "List what was found wrong; note, ignore and reopen an incident."),
    Verb("logs", "logs", "logs", "Find the records that log lines of consumers blame."),
    Verb("scan", "scan", "scan_verb", "Find poison records in topics."),
    Verb(
        "watch", "watch", "watch", "Watch topics for poison records as they come in; copy them to a dead letter queue."
    ),
    Verb(
        "deadletters",
        "dead_letters",
        "dead_letters",
        "List the topics of dead letters, and what is in them by cause and origin.",
    ),
    Verb("redrive", "redrive", "redrive_verb", "Send dead letters back to where they came from, each once."),
    Verb("reroute", "reroute", "reroute_verb", "Copy records to a dead letter queue; move groups past them."),
    Verb(
        "certificates",
        "certificates",
        "certificates",
        "List the brokers' TLS certificates with their expiry.",
    ),
    Verb("shots", "demo", "shots", "Render every page of the window to PNG."),
    Verb("coordination", "coordination", "coordination_app", "Show the controller and the quorum; change voters."),
    Verb("brokers", "brokers", "brokers_app", "List the brokers; elect leaders; cancel reassignments."),
    Verb("transactions", "transactions", "transactions_app", "List open and hanging transactions; abort one."),
    Verb("acls", "acls", "acls_app", "List, check, create and delete ACLs; undo a change."),
    Verb("users", "users", "users_app", "List SCRAM users; set and delete passwords."),
    Verb("quotas", "quotas", "quotas_app", "List and set client quotas; undo a change."),
    Verb("tokens", "tokens", "tokens_app", "List, create, renew and expire delegation tokens."),
    Verb("journal", "journal", "journal_app", "List the writes made by kafkaview for this user."),
    Verb("profiles", "profiles", "profiles_app", "List, add, import, export and remove saved connections."),
)


class Verbs(TyperGroup):
    """The group of all verbs. `--help` needs only a name and a line of each; the requested verb is loaded."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.commands = {verb.name: TyperCommand(verb.name, help=verb.help) for verb in VERBS}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Loads the verb before typer looks it up."""
        verb = next((verb for verb in VERBS if verb.name == args[0]), None)
        if verb is not None:
            self.commands[verb.name] = verb.load()
        return super().resolve_command(ctx, args)
