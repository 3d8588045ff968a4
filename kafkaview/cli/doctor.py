"""`kafkaview doctor`: examines the connection layer by layer and finds the first cause of a failure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

import typer
from rich.panel import Panel
from rich.text import Text

from kafkaview.cli.execution import BrokenConfiguration, Common, Json, Timeout, exit_code_of
from kafkaview.cli.output import Output
from kafkaview.doctor.diagnosis import Cause, Diagnosis, DiagnosisLayer, DiagnosisStep
from kafkaview.profiles.errors import KeyringUnavailable
from kafkaview.words import visible

_BOX: Final = 100
_UNREACHED, _NOT_AUTHORIZED, _ELSE = 3, 5, 1
_BESIDE: Final = frozenset({DiagnosisLayer.AUTHORIZATION, DiagnosisLayer.REGISTRY, DiagnosisLayer.ZOOKEEPER})
_MARKS: Final = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("○", "dim")}


def doctor(context: typer.Context, *, json: Json = False, timeout: Timeout = None) -> None:
    """Find out why a connection fails. Checks every layer, from the profile's files to the rights on the cluster."""
    common: Common = context.obj
    output = Output(json or common.json)
    raise typer.Exit(exit_code_of(output, lambda: _examine(common, output, timeout or common.timeout)))


def _examine(common: Common, output: Output, timeout: float | None) -> int:
    report = _show_nothing if output.json else _step_printer(output)
    diagnosis = _diagnosis(common, report, timeout)
    if output.json:
        output.document(document(diagnosis))
    else:
        print_end(output, diagnosis)
    return exit_code(diagnosis)


def _diagnosis(common: Common, report: Callable[[DiagnosisStep], None], timeout: float | None) -> Diagnosis:
    from kafkaview.doctor.diagnose import WHOLE_S, diagnose, diagnose_keyring, diagnose_settings
    from kafkaview.log_files import log_held_stderr
    from kafkaview.profiles.foreign_settings import repeated_settings, untaken_settings
    from kafkaview.profiles.properties import read_pairs
    from kafkaview.profiles.store import ProfileStore

    try:
        profile, secrets = common.connection()
    except KeyringUnavailable as failure:
        profile = ProfileStore().get(common.profile or "")  # only a saved profile's secrets are in the keyring
        return diagnose_keyring(profile, failure.message, failure.hint, report)
    except BrokenConfiguration as wrong:
        return diagnose_settings(str(common.config), str(wrong), report)
    log_held_stderr()
    pairs = read_pairs(common.config) if common.config else []
    notes = repeated_settings(pairs) + untaken_settings(dict(pairs))
    return asyncio.run(diagnose(profile, secrets, report, seconds=min(timeout or WHOLE_S, WHOLE_S), notes=notes))


def document(diagnosis: Diagnosis) -> dict[str, Any]:
    """Returns the JSON of the contract."""
    return {"ok": diagnosis.ok, "cause": diagnosis.cause, "steps": [asdict(step) for step in diagnosis.steps]}


def exit_code(diagnosis: Diagnosis) -> int:
    """Returns the exit code, which depends on the layer of the first cause."""
    if diagnosis.cause is None:
        return 0
    if diagnosis.cause is Cause.NOT_AUTHORIZED:
        return _NOT_AUTHORIZED
    return _ELSE if _guilty(diagnosis).step in _BESIDE else _UNREACHED


def _guilty(diagnosis: Diagnosis) -> DiagnosisStep:
    return next(step for step in diagnosis.steps if step.ok is False and step.cause is diagnosis.cause)


def _show_nothing(_step: DiagnosisStep) -> None:
    """Prints no step: with --json the only output is one document at the end."""


def _step_printer(output: Output) -> Callable[[DiagnosisStep], None]:
    """Returns a function that prints one line when a step ends, and none when it begins."""

    def show(step: DiagnosisStep) -> None:
        if step.ok is None and not step.detail:
            return
        mark, style = _MARKS[step.ok]
        took = "" if step.ms is None else f"{step.ms:,} ms"
        line = Text(f"{mark} ", style)
        line.append(f"{step.step:<13} {took:>9}  ", "" if step.ok else style)
        line.append(visible(f"{step.target}  {step.cause or step.detail}"), style if step.ok is None else "")
        output.words.print(line, soft_wrap=True)

    return show


def print_end(output: Output, diagnosis: Diagnosis) -> None:
    """Prints whether the connection works, and what of it does not; or the first cause in a box."""
    if diagnosis.cause is None:
        if diagnosis.gaps_line:
            output.say(f"The connection works. {diagnosis.gaps_line}", "bold")
        else:
            output.say("The connection is sound.", "bold green")
        return
    step = _guilty(diagnosis)
    words = [step.detail, step.hint, f"It is about the field {step.field}." if step.field else ""]
    title = f"{step.cause}, {step.step}, {step.target}"
    width = min(_BOX, output.words.width)
    text = Text("\n".join(map(visible, filter(None, words))))
    output.words.print(Panel(text, title=Text(visible(title)), title_align="left", width=width))
