"""The rules that keys, values and whole records can be held to: every format, and what is said of a record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from kafkaview.decode.registry import FORMATS, WrittenRule, attach_schemas, describe_rule, find_sieve, parse_rule
from kafkaview.decode.registry import RULES as FORMAT_RULES
from kafkaview.triage.scan.inspection import FormatRule, InspectionRule

if TYPE_CHECKING:
    from kafkaview.decode.result import Decoder
    from kafkaview.decode.schemas import Schemas
    from kafkaview.triage.scan.record_rules import RecordRule

    Rule = Decoder | RecordRule


class ScanRuleKind(NamedTuple):
    """One kind of rule: what its words begin with, the rule as it is written, what it asks, and the argument that it
    takes, which may be left out where it stands in brackets.
    """

    opening: str
    usage: str
    help: str
    argument: str = ""


_OF_RECORDS: Final = (
    ScanRuleKind("not-null", "not-null", "no value is null"),
    ScanRuleKind("header:", "header:NAME", "every record has a header of this name", "NAME"),
    ScanRuleKind("cel:", "cel:EXPR", "a CEL expression is true for every record", "EXPR"),
)
RULE_KINDS: Final = (
    *(ScanRuleKind(row.opening, row.usage, row.help, row.argument) for row in FORMATS),
    *_OF_RECORDS,
)
RULES: Final = (*FORMAT_RULES, *(kind.usage for kind in _OF_RECORDS))


def read_rule(text: str, content: str | None = None) -> Rule:
    """Returns a rule; ValueError says what is wrong with it and which rules there are. Reads the file that it names,
    unless its content is passed.
    """
    word, _, argument = text.partition(":")
    if not any(word == kind.usage.partition(":")[0] for kind in _OF_RECORDS):
        if not any(word == row.word for row in FORMATS):
            raise ValueError(f"there is no rule '{text}'. Rules: {', '.join(RULES)}")
        return parse_rule(text, content)
    from kafkaview.triage.scan.record_rules import ExpressionRule, HeaderRule, NotNullRule

    if word == "not-null" and text == word:
        return NotNullRule()
    if word == "header" and argument:
        return HeaderRule(argument)
    if word == "cel":
        return ExpressionRule(argument)
    kind = next(kind for kind in _OF_RECORDS if kind.usage.startswith(word))
    raise ValueError(f"'{text}' is no rule: {kind.usage}")


def write_rule(rule: Rule) -> WrittenRule | None:
    """Returns what `read_rule` makes the same rule from, in any process; None for a decoder that is not declared."""
    from kafkaview.triage.scan.record_rules import RecordRule

    return (rule.name, None) if isinstance(rule, RecordRule) else describe_rule(rule)


def inspection_rule(rule: Rule, schemas: Schemas) -> InspectionRule:
    """Returns a rule as an inspection uses it. Only the rule of a declared format has a sieve."""
    from kafkaview.triage.scan.record_rules import RecordRule

    if isinstance(rule, RecordRule):
        return rule
    decoder = attach_schemas(rule, schemas)
    return FormatRule(find_sieve(decoder.name if describe_rule(decoder) else ""), lambda: decoder)


def written_rule(name: str, content: str | None, schemas: Callable[[], Schemas]) -> InspectionRule:
    """Returns the rule of a text. A format is only loaded when its sieve first keeps something back, and `schemas` are
    only asked for by one that reads by them.
    """
    if any(name.partition(":")[0] == kind.usage.partition(":")[0] for kind in _OF_RECORDS):
        return read_rule(name, content)  # type: ignore[return-value]

    def decoder() -> Decoder:
        made = parse_rule(name, content)
        return attach_schemas(made, schemas()) if name.startswith("registry") else made

    return FormatRule(find_sieve(name), decoder)


def read_rules(texts: Sequence[str]) -> tuple[Rule, ...]:
    """Returns rules in their order, each once. Raises ValueError."""
    return tuple(read_rule(text) for text in dict.fromkeys(texts))
