"""Conversion of the line's words into values. typer uses pydantic, which takes longer to load than most verbs take to
run. Values that need no check are converted here; typer converts all others.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, Final, get_args, get_origin

import typer

_UNSURE: Final = object()
_WHOLE: Final = re.compile(r"0|[1-9][0-9]{0,17}")
_NUMBER: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")


def coerce_plainly(command: Any) -> None:
    """Lets the parameters of a command and of its subcommands convert plain words without pydantic."""
    for parameter in command.get_params(typer.Context(command)):  # --help is among them
        full = getattr(parameter, "get_runtime_param", None)  # releases of typer without it need no pydantic
        if full is not None:
            plain = _Plain(full)
            parameter.get_runtime_param = lambda plain=plain: plain
    for below in getattr(command, "commands", {}).values():
        coerce_plainly(below)


class _Plain:
    """A replacement for the object with which typer converts a parameter."""

    def __init__(self, full: Callable[[], Any]) -> None:
        self._full = full

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Returns the value of one word, or of several."""
        taken = _values_of(value, param)
        return self._full().coerce(value, param=param, ctx=ctx) if taken is _UNSURE else taken


def _values_of(value: Any, param: Any) -> Any:
    several = param.multiple or param.nargs == -1
    if value is None:
        return () if several else None
    annotation, limits = param.type_descriptor.annotation, param.type_descriptor.parameter_info
    if getattr(limits, "parser", None) is not None:
        return _UNSURE
    if not several:
        return _one(value, annotation, limits)
    if get_origin(annotation) is not list or not isinstance(value, list | tuple):
        return _UNSURE
    values = [_one(item, get_args(annotation)[0], limits) for item in value]
    return _UNSURE if _UNSURE in values else values


def _one(value: Any, annotation: Any, limits: Any) -> Any:
    if type(value) is annotation:  # a word where words are wanted, or a default
        return value
    if type(value) is not str:
        return _UNSURE
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return next((member for member in annotation if member.value == value), _UNSURE)
    if annotation is int and _WHOLE.fullmatch(value):
        return _within(int(value), limits)
    if annotation is float and _NUMBER.fullmatch(value):
        return _within(float(value), limits)
    if annotation is Path and not _is_checked(limits) and os.access(value, os.R_OK):
        return Path(value)
    return _UNSURE


def _within(number: float, limits: Any) -> Any:
    fits = (limits.min is None or number >= limits.min) and (limits.max is None or number <= limits.max)
    return number if fits else _UNSURE


def _is_checked(limits: Any) -> bool:
    """Returns whether a path must be more than readable."""
    return bool(
        limits.exists
        or limits.writable
        or limits.resolve_path
        or limits.allow_dash
        or limits.path_type is not None
        or not (limits.file_okay and limits.dir_okay)
    )
