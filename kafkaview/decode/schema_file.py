"""The files that rules name."""

from __future__ import annotations

from pathlib import Path


def read_schema(rule: str, file: str, content: str | None) -> bytes:
    """Returns the content of the file of a rule, which may be passed; ValueError says why there is none."""
    if not file:
        raise ValueError(f"{rule.partition(':')[0]} needs a file: {rule}")
    if content is not None:
        return content.encode()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise ValueError(f"cannot read the schema {file}: {error.strerror}") from error
