"""The rules by which values are mended, as they are written and kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from kafkaview.cluster.errors import ClusterError

RULE_FORMS: Final = "merge:FILE, cel:EXPR or python:FILE"
ACCEPT_FORMS: Final = "json, jsonschema:FILE, registry[:VERSION], topic or none"


class UnusableRule(ClusterError):
    """A rule, or what its results are held to, cannot be used. No record was looked at."""

    kind = "usage"
    exit_code = 2


class RuleKind(StrEnum):
    """The kinds of rules."""

    MERGE = "merge"
    CEL = "cel"
    PYTHON = "python"
    EDIT = "edit"


class AcceptKind(StrEnum):
    """What a value is held to before it is sent."""

    JSON = "json"
    JSON_SCHEMA = "jsonschema"
    REGISTRY = "registry"
    TOPIC = "topic"  # its own rules or format
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MendRule:
    """A rule with all that it takes: the patch, the expression, the source of the Python file or the new value; and the
    file that it was read from, if it was. So it is the same later, whatever becomes of the file.
    """

    kind: RuleKind
    text: bytes
    file: str = ""

    def __str__(self) -> str:
        """Returns the rule as the command line takes it; one that stands in no file has a name in its place."""
        if self.kind is RuleKind.CEL:
            return f"{self.kind}:{self.text.decode(errors='replace')}"
        return f"{self.kind}:{self.file or 'FILE'}"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What values are held to. `text` is the JSON Schema that was read from `file`; `version` that of the target
    topic's subject in the registry, None for the latest.
    """

    kind: AcceptKind = AcceptKind.NONE
    text: bytes = b""
    file: str = ""
    version: int | None = None

    def __str__(self) -> str:
        """Returns it as the command line takes it."""
        if self.kind is AcceptKind.JSON_SCHEMA:
            return f"{self.kind}:{self.file}"
        return f"{self.kind}:{self.version}" if self.version is not None else str(self.kind)


def with_content(rule: MendRule | None) -> MendRule | None:
    """Returns a rule of which only the file was named with what stands in it. Raises UnusableRule."""
    if rule is None or rule.text or not rule.file:
        return rule
    return replace(rule, text=_read(rule.file, "the rule"))


def with_schema(acceptance: Acceptance) -> Acceptance:
    """Returns an acceptance of which only the file was named with the schema in it. Raises UnusableRule."""
    if acceptance.kind is not AcceptKind.JSON_SCHEMA or acceptance.text:
        return acceptance
    return replace(acceptance, text=_read(acceptance.file, "the JSON Schema"))


def read_rule(written: str) -> MendRule:
    """Returns the rule of a text, and reads the file that it names. Raises UnusableRule."""
    word, colon, rest = written.partition(":")
    kinds = {kind.value: kind for kind in (RuleKind.MERGE, RuleKind.CEL, RuleKind.PYTHON)}
    if word not in kinds or not colon or not rest:
        raise UnusableRule(f"'{written}' is no rule to mend by", f"Rules: {RULE_FORMS}.")
    if kinds[word] is RuleKind.CEL:
        try:
            return MendRule(RuleKind.CEL, rest.encode())
        except UnicodeEncodeError:  # a byte of the line
            raise UnusableRule(f"'{written}' is not UTF-8", r'CEL writes such a byte as b"\xff".') from None
    return MendRule(kinds[word], _read(rest, f"the rule {word}"), rest)


def read_edited(file: str) -> MendRule:
    """Returns the rule that makes the content of a file the new value. Raises UnusableRule."""
    return MendRule(RuleKind.EDIT, _read(file, "the edited value"), file)


def read_acceptance(written: str) -> Acceptance:
    """Returns what a text says that values are held to, and reads the file that it names. Raises UnusableRule."""
    word, _, rest = written.partition(":")
    if word == AcceptKind.JSON_SCHEMA and rest:
        return Acceptance(AcceptKind.JSON_SCHEMA, _read(rest, "the JSON Schema"), rest)
    if word == AcceptKind.REGISTRY and (rest == "latest" or (rest.isascii() and rest.isdecimal() and int(rest))):
        return Acceptance(AcceptKind.REGISTRY, version=None if rest == "latest" else int(rest))
    if written in (AcceptKind.JSON, AcceptKind.REGISTRY, AcceptKind.TOPIC, AcceptKind.NONE):
        return Acceptance(AcceptKind(written))
    raise UnusableRule(f"'{written}' is nothing that values can be held to", f"It is {ACCEPT_FORMS}.")


def _read(file: str, what: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnusableRule(
            f"{what[0].upper()}{what[1:]} cannot be read: {file}: {reason}", "Check the file."
        ) from error
