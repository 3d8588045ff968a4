"""What a line of the command line means, as a shell and our own parser read it."""

from __future__ import annotations

import shlex
from functools import cache
from typing import Any

import pytest
import typer

from kafkaview.cli.coercion import coerce_plainly
from kafkaview.cli.main import app
from kafkaview.cli.verbs import Verb
from kafkaview.command_words import printed_line, with_option
from kafkaview.profiles.profile import ConnectionProfile

PROFILE = ConnectionProfile("-odd", "127.0.0.1:1", saved=True)
_APP: Any = typer.main.get_command(app)
coerce_plainly(_APP)  # as the program does
_load = cache(Verb.load)


def parameters_of(words: list[str]) -> dict[str, Any]:
    """What the verb of a line is called with."""
    with pytest.MonkeyPatch.context() as patch:  # a verb takes longer to make than a line to read
        patch.setattr(Verb, "load", _load)
        return _parameters_of(words)


def _parameters_of(words: list[str]) -> dict[str, Any]:
    command, context = _APP, None
    name, *words = words
    while True:
        context = command.make_context(name, words, parent=context)
        if not hasattr(command, "resolve_command"):
            return {key: list(value) if isinstance(value, tuple) else value for key, value in context.params.items()}
        name, command, words = command.resolve_command(context, [*context._protected_args, *context.args])


def read_line(line: str) -> dict[str, Any]:
    """What the verb of a printed line is called with."""
    return parameters_of(shlex.split(line))


def line_of(words: tuple[str, ...]) -> str:
    """A printed line with an option more."""
    return printed_line(*PROFILE.options, *with_option(words, "--json"))
