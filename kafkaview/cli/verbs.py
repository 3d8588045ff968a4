"""The verbs by name. A verb is imported when its name is on the line: some take longer to load than to run."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from kafkaview.cli.coercion import coerce_plainly


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb, or several under one name: where its function or typer.Typer stands, and the line of `--help`."""

    name: str
    module: str
    function: str
    help: str

    def load(self) -> Any:
        """Imports it and returns the command."""
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
        "demo", "demo", "demo", "Start a real Kafka with a pipeline that goes wrong on purpose, and the window on it."
    ),
    Verb(
        "doctor",
        "doctor",
        "doctor",
        "Why the connection fails, or that it is sound: every layer from the profile's files to the rights.",
    ),
    Verb("topics", "topics", "topics_app", "Every topic: partitions, replicas, records, size."),
    Verb("topic", "topics", "topic", "One topic: its partitions with leader, replicas and offsets, and its settings."),
    Verb("groups", "groups", "groups_app", "Every consumer group: type, state, members, lag."),
    Verb("lag", "groups", "lag", "What groups have committed, and how many records wait behind it."),
    Verb("offsets", "offsets", "offsets_app", "Change what a group has committed, and undo it."),
    Verb("configs", "configs", "configs", "The settings of a broker or a topic."),
    Verb("stuck", "stuck", "stuck", "Partitions on which a group does not move, and why."),
    Verb("scan", "scan", "scan_verb", "Find poison records, whether they stop a group or not."),
    Verb("reroute", "reroute", "reroute_verb", "Copy records to a dead letter queue and move groups past them."),
    Verb(
        "certificates",
        "certificates",
        "certificates",
        "The certificate of every listener of every broker, with the days that it still lasts.",
    ),
    Verb("shots", "demo", "shots", "Render every page of the window on the demo's scenario to PNG."),
    Verb("coordination", "coordination", "coordination_app", "Who coordinates the cluster, and how well."),
    Verb("brokers", "brokers", "brokers_app", "Brokers, their log directories, and who leads what."),
    Verb("transactions", "transactions", "transactions_app", "Open and hanging transactions."),
    Verb("acls", "acls", "acls_app", "Who may do what, and whether one may."),
    Verb("users", "users", "users_app", "SCRAM users."),
    Verb("quotas", "quotas", "quotas_app", "The limits of clients."),
    Verb("tokens", "tokens", "tokens_app", "Delegation tokens."),
    Verb("journal", "journal", "journal_app", "Every write made from here."),
    Verb("profiles", "profiles", "profiles_app", "The saved connections."),
)


class Verbs(TyperGroup):
    """The group of all verbs. For `--help` each is a name and a line; the one that is on the line is loaded."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.commands = {verb.name: TyperCommand(verb.name, help=verb.help) for verb in VERBS}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Loads the verb before it is looked up."""
        verb = next((verb for verb in VERBS if verb.name == args[0]), None)
        if verb is not None:
            self.commands[verb.name] = verb.load()
        return super().resolve_command(ctx, args)
