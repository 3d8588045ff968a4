"""Messages as bytes: a length, then a pickle that loads nothing but plain values.

Both ends are this program and nobody else writes to the pipe. Still only values are loaded, and only of modules that
import no client library into the window's process: any other class fails in the tests.
"""

from __future__ import annotations

import io
import pickle
import struct
from dataclasses import is_dataclass
from enum import Enum
from typing import Any, BinaryIO, Final

from kafkaview.failure import Failure
from kafkaview.profiles.security import Secrets

_LENGTH: Final = struct.Struct(">Q")
_PLAIN: Final = ("builtins", "collections", "datetime", "pathlib", "pathlib._local")
_OURS: Final = "kafkaview"
_ARRAYS: Final = "numpy"
_OF_ARRAYS: Final = frozenset(("ndarray", "dtype", "_frombuffer", "_reconstruct", "scalar"))
_FUNCTIONS: Final = frozenset(("kafkaview.writes.plan.refuse_copy",))  # what stands for a function that stays behind
# Modules of ours that load a client library or the keyring: what is of them stays in the engine.
_HEAVY: Final = ("kafkaview.cluster.", "kafkaview.profiles.keyring", "kafkaview.demo.")
_VALUES_AMONG_THEM: Final = ("kafkaview.cluster.ports.", "kafkaview.cluster.errors", "kafkaview.demo.steps")


def encode(message: object) -> bytes:
    """Returns the bytes of a message."""
    body = io.BytesIO()
    body.write(_LENGTH.pack(0))
    _ValuePickler(body, protocol=5).dump(message)
    length = body.tell() - _LENGTH.size
    body.seek(0)
    body.write(_LENGTH.pack(length))
    return body.getvalue()


def decode(body: bytes) -> Any:
    """Returns the message of a body. Raises UnpicklingError where it holds more than plain values."""
    return _ValueUnpickler(io.BytesIO(body)).load()


def read_body(stream: BinaryIO) -> bytes | None:
    """Reads the body of the next message; None at the end of the pipe."""
    head = _read_exactly(stream, _LENGTH.size)
    return _read_exactly(stream, _LENGTH.unpack(head)[0]) if head is not None else None


def _read_exactly(stream: BinaryIO, length: int) -> bytes | None:
    found = bytearray()
    while len(found) < length:
        try:
            part = stream.read(length - len(found))
        except (OSError, ValueError):  # closed under us
            return None
        if not part:
            return None
        found += part
    return bytes(found)


class _ValuePickler(pickle.Pickler):
    """Encodes secrets too, and replaces an error whose class the window may not load by its nearest base."""

    def reducer_override(self, obj: object) -> Any:
        """Replaces an object where needed; pickle's hook for every object."""
        if isinstance(obj, Secrets):  # they refuse every other way out of the process
            return Secrets, ({name: obj.get(name) or "" for name in obj.fields()},)
        if isinstance(obj, Enum):  # by value: Python 3.11.2 would write a call of getattr
            return type(obj), (obj.value,)
        if isinstance(obj, Failure) and not _may_load(type(obj).__module__):
            known = next(base for base in type(obj).__mro__ if _may_load(base.__module__))
            return known, (obj.message, obj.hint)
        return NotImplemented


class _ValueUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Returns an allowed class; pickle's hook for every class."""
        found = super().find_class(module, name) if _may_load(module) else None
        if found is None or not _is_value(module, name, found):
            raise pickle.UnpicklingError(f"{module}.{name} is no value that may pass between a window and its engine")
        return found


def _may_load(module: str) -> bool:
    if module.startswith(_HEAVY):
        return module.startswith(_VALUES_AMONG_THEM)
    return module.partition(".")[0] in (_OURS, _ARRAYS) or module in _PLAIN


def _is_value(module: str, name: str, found: Any) -> bool:
    if module.partition(".")[0] == _ARRAYS:
        return name in _OF_ARRAYS
    if not isinstance(found, type):
        return f"{module}.{name}" in _FUNCTIONS
    if module in _PLAIN or is_dataclass(found) or issubclass(found, Failure | Enum | Secrets):
        return True
    return issubclass(found, tuple) and hasattr(found, "_fields")  # a NamedTuple
