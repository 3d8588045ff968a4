"""The rules and the ranges of a scan in the window's words. No widgets."""

from __future__ import annotations

from typing import Final

from kafkaview.clock import now_ms
from kafkaview.decode.json_readers import JSON_READERS
from kafkaview.triage.scan.rules import RULE_KINDS, ScanRuleKind
from kafkaview.ui.kit.kind_field import Told, ValueKind
from kafkaview.words import iso

OWN: Final = ValueKind("", "the rules that are kept for it, else its own format")
_HOUR_MS: Final = 3_600_000
_READERS: Final = (
    ("", "as RFC 8259 has it"),
    *((f":{word}", f"as {reader.library} reads it") for word, reader in JSON_READERS.items()),
)
_SCHEMAS: Final = (
    ("", "and is read by it"),
    (":latest", "and is read by the latest of its subject too"),
    (":known", "which need not be read"),
)
_TOLD: Final = {
    "FILE": (Told.FILE, "The file", "/home/me/order.schema", ()),
    "FILE:TYPE": (Told.PART_OF_FILE, "The file or the type", "/home/me/order.proto|acme.Order", ()),
    "N": (Told.LINE, "The number of bytes", "100000", ()),
    "NAME": (Told.LINE, "The name of the header", "trace-id", ()),
    "EXPR": (Told.LINE, "The expression", "value.amount > 0", ()),
    "[READER]": (Told.CHOICE, "", "", _READERS),
    "[latest|known]": (Told.CHOICE, "", "", _SCHEMAS),
}


def _an_hour_ago() -> str:
    return iso(now_ms() - _HOUR_MS)


def _kind(rule: ScanRuleKind) -> ValueKind:
    told, name, hint, choices = _TOLD.get(rule.argument, (Told.NOTHING, "", "", ()))
    return ValueKind(rule.opening, rule.help, told, name, hint, choices=choices)


RULES: Final = (OWN, *map(_kind, RULE_KINDS))
_TIME: Final = ValueKind("@", "a time", Told.LINE, "The time", "2026-01-31T14:02:11Z", _an_hour_ago)
_OFFSET: Final = ValueKind("", "an offset", Told.LINE, "The offset", "18442")
STARTS: Final = (
    ValueKind("beginning", "the beginning"),
    ValueKind("-1000", "the last 1,000 of each partition"),
    ValueKind("-100000", "the last 100,000 of each partition"),
    _TIME,
    _OFFSET,
)
STOPS: Final = (ValueKind("end", "now"), _TIME, _OFFSET)


def rule_title(kind: ValueKind, *, of_keys: bool) -> str:
    """Returns the words of a rule for values, or for keys."""
    return kind.title.replace("value", "key") if of_keys else kind.title
