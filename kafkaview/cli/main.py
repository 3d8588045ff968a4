"""The command line as a whole: the options before the verb, the verbs, and no verb: the window."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from kafkaview.cli.acls import acls_app
from kafkaview.cli.brokers import brokers_app
from kafkaview.cli.certificates import certificates
from kafkaview.cli.configs import configs
from kafkaview.cli.coordination import coordination_app
from kafkaview.cli.demo import demo, shots
from kafkaview.cli.doctor import doctor
from kafkaview.cli.groups import groups, lag
from kafkaview.cli.journal import journal_app
from kafkaview.cli.output import Output
from kafkaview.cli.profiles import profiles_app
from kafkaview.cli.quotas import quotas_app
from kafkaview.cli.reroute import reroute_verb
from kafkaview.cli.running import BAD_USAGE, INTERRUPTED, Common, Json, Timeout, settle
from kafkaview.cli.scan import scan_verb
from kafkaview.cli.stuck import stuck
from kafkaview.cli.tokens import tokens_app
from kafkaview.cli.topics import topic, topics
from kafkaview.cli.transactions import transactions_app
from kafkaview.cli.users import users_app

app = typer.Typer(
    name="kafkaview",
    help="Find the record that stops a Kafka consumer group, and move the group past it. Without a verb: the window.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def common(
    context: typer.Context,
    *,
    profile: Annotated[str | None, typer.Option("--profile", help="a saved connection")] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="a client.properties file, Java's or librdkafka's")
    ] = None,
    bootstrap: Annotated[
        str | None, typer.Option("--bootstrap", metavar="HOST:PORT[,...]", help="brokers to begin with")
    ] = None,
    setting: Annotated[list[str] | None, typer.Option("-X", metavar="KEY=VALUE", help="one client setting")] = None,
    json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Read where the cluster is; without a verb open the window."""
    context.obj = Common(profile, bootstrap, config, tuple(setting or ()), json, timeout)
    if context.invoked_subcommand is None:
        raise typer.Exit(settle(Output(json), lambda: _window(context.obj)))


app.command("demo")(demo)
app.command("doctor")(doctor)
app.command("topics")(topics)
app.command("topic")(topic)
app.command("groups")(groups)
app.command("lag")(lag)
app.add_typer(coordination_app, name="coordination")
app.add_typer(brokers_app, name="brokers")
app.command("configs")(configs)
app.add_typer(transactions_app, name="transactions")
app.command("stuck")(stuck)
app.command("scan")(scan_verb)
app.command("reroute")(reroute_verb)
app.add_typer(acls_app, name="acls")
app.add_typer(users_app, name="users")
app.add_typer(quotas_app, name="quotas")
app.add_typer(tokens_app, name="tokens")
app.command("certificates")(certificates)
app.add_typer(journal_app, name="journal")
app.add_typer(profiles_app, name="profiles")
app.command("shots")(shots)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one line and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = typer.main.get_command(app)
    try:
        with command.make_context("kafkaview", [*words]) as context:  # `main` would end silently at an interrupt
            return int(command.invoke(context) or 0)
    except typer.Exit as end:
        return end.exit_code
    except (typer.Abort, KeyboardInterrupt):  # at a question, or between two steps of reading the line
        Output("--json" in words).error("interrupted", "Interrupted")
        return INTERRUPTED
    except typer.TyperException as error:
        Output("--json" in words).error("usage", error.format_message(), "kafkaview --help, kafkaview VERB --help")
        return BAD_USAGE
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _window(common: Common) -> int:
    from kafkaview.app import main as window

    return window(*common.connection(for_window=True)) if common.names_a_cluster else window()
