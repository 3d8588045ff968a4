"""What an entry may say where the journal does not keep records as they are: reasons may quote their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_REASON = "reason"


def without_reasons(document: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a document in which every reason, at any depth, is None."""
    return {name: None if name == _REASON else _plain(value) for name, value in document.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_reasons(value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
