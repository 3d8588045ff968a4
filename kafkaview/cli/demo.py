"""`kafkaview demo` and `kafkaview shots`: a real Kafka that goes wrong on purpose, with the window or without."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from kafkaview.cli.execution import Common, Json, exit_code_of
from kafkaview.cli.output import Output
from kafkaview.demo.running import Demo
from kafkaview.failure import Failure

_SECONDS_BETWEEN_LOOKS = 0.2


def demo(
    context: typer.Context,
    *,
    no_window: Annotated[
        bool, typer.Option("--no-window", help="open no window: print the address and run until interrupted")
    ] = False,
    tour: Annotated[
        bool, typer.Option("--tour", help="open no window: find and re-route a poison record, then end")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="keep the folder with its logs and data")] = False,
    json: Json = False,
) -> None:
    """Start a real Kafka that goes wrong on purpose. The window opens on it, with groups that stand still."""
    if no_window and tour:
        raise typer.BadParameter("--no-window and --tour exclude each other")
    output = Output(no_window or json or context.obj.json)

    def work() -> int:
        if no_window:
            return _run_alone(output, keep=keep)
        if tour:
            return _tour(output)
        from kafkaview.app import run_demo

        return run_demo(keep=keep)

    raise typer.Exit(exit_code_of(output, work))


def shots(
    context: typer.Context, folder: Annotated[Path, typer.Argument(metavar="DIR", help="the folder for the pictures")]
) -> None:
    """Render every page of the window to PNG. The pictures show the named cluster, or else the demo."""
    from kafkaview.app import run_shots

    common: Common = context.obj

    def work() -> int:
        return run_shots(folder, *common.connection(for_window=True)) if common.names_a_cluster else run_shots(folder)

    raise typer.Exit(exit_code_of(Output(json=False), work))


def _run_alone(output: Output, *, keep: bool) -> int:
    from kafkaview.demo.standalone import run_alone

    asyncio.run(run_alone(lambda running: output.document(running.as_json()), keep=keep))
    return 0


def _tour(output: Output) -> int:
    from kafkaview.tour import tour

    write = output.note if output.json else output.say

    def say(text: str) -> None:
        for line in text.split("\n"):
            write(line)

    return asyncio.run(tour(say, take_pictures))


async def take_pictures(running: Demo, folder: Path) -> None:
    """Takes the pictures in a process of its own: Qt needs the first thread of a process, and a loop runs on this one.
    The process ends with this one, however that ends.
    """
    from kafkaview.demo.guarded_processes import Guarded

    line = [sys.executable, "-m", "kafkaview", "--bootstrap", running.bootstrap, "shots", str(folder)]
    with Guarded() as guarded:
        log = guarded.folder / "pictures.log"
        guarded.start("pictures", ["env", "QT_QPA_PLATFORM=offscreen", *line], log)
        while True:
            code = guarded.exit_code("pictures")
            if code is not None:
                break
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
        if code:
            raise Failure(f"The pictures could not be taken:\n{log.read_text(errors='replace')}")
