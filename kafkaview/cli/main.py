"""The command line as a whole: the options before the verb, the verbs, and the window if there is no verb."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from kafkaview.cli.coercion import coerce_plainly
from kafkaview.cli.execution import BAD_USAGE, INTERRUPTED, Common, Json, Timeout, exit_code_of
from kafkaview.cli.output import Output
from kafkaview.cli.verbs import Verbs
from kafkaview.failure import Failure

_NO_OPTION: Final = "No such option: "
_NO_COMMAND: Final = re.compile(r"""(No such command )('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")

app = typer.Typer(
    name="kafkaview",
    cls=Verbs,
    help="Find the record that stops a consumer group and move the group past it. Without a COMMAND the window opens.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class MachineRefuses(Failure):
    """The system does not give a file, memory or room."""

    kind = "machine"


@app.callback(invoke_without_command=True)
def common(
    context: typer.Context,
    *,
    profile: Annotated[str | None, typer.Option("--profile", help="a saved connection, by its name")] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="a client.properties file, for Java or librdkafka")
    ] = None,
    bootstrap: Annotated[
        str | None, typer.Option("--bootstrap", metavar="HOST:PORT[,...]", help="the brokers to connect to first")
    ] = None,
    setting: Annotated[
        list[str] | None, typer.Option("-X", metavar="KEY=VALUE", help="one client setting; may be repeated")
    ] = None,
    json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Reads the options before the verb; opens the window if there is no verb."""
    context.obj = Common(profile, bootstrap, config, tuple(setting or ()), json, timeout)
    if context.invoked_subcommand is None:
        raise typer.Exit(exit_code_of(Output(json), lambda: _window(context.obj)))


_ROOM: Final = "Make room, or write elsewhere. `kafkaview journal` has what was written to the cluster."
_RIGHT: Final = "The system refuses it to the user that kafkaview runs as."
_MANY: Final = "The system gives no more of it: end other programs, or raise the limit (ulimit)."
_OF_THE_MACHINE: Final = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: _ROOM,
    errno.EROFS: _RIGHT,
    errno.EACCES: _RIGHT,
    errno.EPERM: _RIGHT,
    errno.EMFILE: _MANY,
    errno.ENFILE: _MANY,
    errno.ENOMEM: _MANY,
    errno.EIO: "The disk does not work as it should.",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Executes one command line and returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = typer.main.get_command(app)
    coerce_plainly(command)
    try:
        with command.make_context("kafkaview", [*words]) as context:  # `main` would end silently at an interrupt
            return int(command.invoke(context) or 0)
    except typer.Exit as end:
        return end.exit_code
    except (typer.Abort, KeyboardInterrupt):  # at a question, or between two steps of reading the line
        Output("--json" in words).error("interrupted", "Interrupted")
        return INTERRUPTED
    except typer.TyperException as error:
        Output("--json" in words).error("usage", _usage_message(error), "kafkaview --help, kafkaview VERB --help")
        return BAD_USAGE
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001  # whatever it is: a script still gets its document
        output = Output("--json" in words)
        if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
            where = f": {error.filename}" if error.filename is not None else ""
            refused = MachineRefuses(f"{error.strerror}{where}", _OF_THE_MACHINE[error.errno])
            output.error(refused.kind, refused.message, refused.hint)
            return refused.exit_code
        return _tell_unforeseen(error, output)


def _usage_message(error: typer.TyperException) -> str:
    """Returns typer's message with a name from the line as it was given: typer escapes it, and so do we where it is
    shown.
    """
    from ast import literal_eval

    message, option = error.format_message(), getattr(error, "option_name", None)
    if option is not None and error.message.startswith(_NO_OPTION):
        return f"{_NO_OPTION}{option}{message.removeprefix(error.message)}"
    named = _NO_COMMAND.match(message)
    return f"{named[1]}'{literal_eval(named[2])}'{message[named.end() :]}" if named else message


def _tell_unforeseen(error: Exception, output: Output) -> int:
    from kafkaview.log_files import keep_traceback

    kept = keep_traceback(error)
    hint = f"This is a fault of kafkaview. Report it with what stands in {kept}." if kept else ""
    output.error("internal", f"{type(error).__name__}: {error}", hint)
    return 1


def _window(common: Common) -> int:
    from kafkaview.engine.process import start_ahead

    connection = common.connection(for_window=True) if common.names_a_cluster else ()
    start = start_ahead()
    from kafkaview.app import main as window  # heavy: Qt

    return window(*connection, start=start)
