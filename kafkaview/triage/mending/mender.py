"""Mends dead letters by a rule, and holds what comes out to what the readers of the target take. Nothing is written:
the same is done before a plan is shown and when it is carried out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from kafkaview.cluster.ports.schemas import RegisteredSchema
from kafkaview.decode.registered_schema import named_schemas
from kafkaview.decode.schemas import Schemas
from kafkaview.records.cel_expression import FilterError
from kafkaview.records.comparison import RecordComparison, compare_texts
from kafkaview.records.condition import text_of
from kafkaview.terms import Record
from kafkaview.triage.mending.acceptances import Examiner, RegistryValue, open_examiner
from kafkaview.triage.mending.cel_rule import CelRule
from kafkaview.triage.mending.edited_value import EditedValue
from kafkaview.triage.mending.encoding import SchemaEncoder, TargetSchema
from kafkaview.triage.mending.exact_json import NotJson, check_names, read_json, same
from kafkaview.triage.mending.letter_value import LetterValue, read_letter
from kafkaview.triage.mending.merge_patch import MergePatch
from kafkaview.triage.mending.python_rule import Found, PythonRule
from kafkaview.triage.mending.result import CannotMend, MendOutcome, MendResult
from kafkaview.triage.mending.rules import Acceptance, MendRule, RuleKind, UnusableRule

if TYPE_CHECKING:
    from kafkaview.session import Session

Letter = tuple[Record, LetterValue]
_SCHEMAS_S: Final = 10.0  # for the schemas that records name; the rest are asked for one by one
_TOO_DEEP: Final = "the value is nested too deeply"


class OneByOne(Protocol):
    """A rule that looks at one record at a time."""

    def apply(self, record: Record, letter: LetterValue) -> str | bytes | None:
        """Returns the new value as text, which is encoded as the target takes it, or as the very bytes; None where it
        stays as it is. Raises CannotMend.
        """
        ...


class Mender:
    """One rule, or none, and what its results are held to. `prepare` has to be called before anything else."""

    def __init__(self, rule: MendRule | None, acceptance: Acceptance) -> None:
        self._written = rule
        self._acceptance = acceptance
        self._rule: OneByOne | PythonRule | None = None
        self._session: Session | None = None
        self._schemas = Schemas()
        self._examiners: dict[str, Examiner] = {}
        self._encoders: dict[RegisteredSchema, SchemaEncoder] = {}

    async def prepare(self, session: Session, topics: Iterable[str] = ()) -> None:
        """Makes the rule, and asks the registry for the schemas of the topics to which values are known to be sent.
        Raises UnusableRule, SchemaUnknown or SchemaUnavailable.
        """
        if self._written is not None and self._rule is None:
            self._rule = await asyncio.to_thread(_make_rule, self._written)
        self._session, self._schemas = session, session.decoders.schemas
        for topic in topics:
            await self._examiner(topic)

    async def mend(self, records: Sequence[Record], topic: str) -> list[MendResult]:
        """Returns the results for records that are to be sent to a topic, in their order. Works beside the loop. Raises
        SchemaUnknown or SchemaUnavailable where the schema of a topic is needed that was not known before.
        """
        examiner = await self._examiner(topic)
        await self._schemas.learn(named_schemas(records), _SCHEMAS_S)
        return await asyncio.to_thread(lambda: list(self._mend_all(records, examiner)))

    async def compare(self, record: Record, value: bytes | None) -> RecordComparison:
        """Returns what differs between the value of a record and another one, as JSON where both have it."""
        return await asyncio.to_thread(self._compare, record, value)

    def close(self) -> None:
        """Ends the process of a rule in Python."""
        if isinstance(self._rule, PythonRule):
            self._rule.close()

    async def _examiner(self, topic: str) -> Examiner:
        if topic not in self._examiners:
            assert self._session is not None
            self._examiners[topic] = await open_examiner(self._acceptance, self._session, topic)
        return self._examiners[topic]

    def _mend_all(self, records: Sequence[Record], examiner: Examiner) -> Iterator[MendResult]:
        schemas = self._schemas.waiting()
        letters = ((record, read_letter(record, schemas)) for record in records)
        for record, letter, found in self._results(letters):
            try:
                yield self._judge(record, letter, found, examiner)
            except CannotMend as reason:
                yield MendResult(MendOutcome.FAILED, None, str(reason))
            except RecursionError:
                yield MendResult(MendOutcome.FAILED, None, _TOO_DEEP)

    def _results(self, letters: Iterable[Letter]) -> Iterator[tuple[Record, LetterValue, Found]]:
        """Yields what the rule makes of each record."""
        if isinstance(self._rule, PythonRule):
            yield from self._rule.results(letters)
            return
        for record, letter in letters:
            try:
                found: Found = self._rule.apply(record, letter) if self._rule is not None else None
            except CannotMend as reason:
                found = reason
            except RecursionError:
                found = CannotMend(_TOO_DEEP)
            yield record, letter, found

    def _judge(self, record: Record, letter: LetterValue, found: Found, examiner: Examiner) -> MendResult:
        """Returns the result for a record. Raises CannotMend."""
        if isinstance(found, CannotMend):
            raise found
        target = examiner.target if isinstance(examiner, RegistryValue) else _own_schema(letter)
        if found is None or _says_same(found, letter):
            return self._judge_unchanged(record, letter, examiner, target)
        value = self._encode(found, record, letter, target)
        if value == record.value:
            return self._judge_unchanged(record, letter, examiner, target)
        return _mended(record, value, examiner)

    def _judge_unchanged(
        self, record: Record, letter: LetterValue, examiner: Examiner, target: TargetSchema | None
    ) -> MendResult:
        """Returns the result for a value that the rule leaves as it is. Where its own bytes are not taken, what it says
        may be, encoded by the target's schema.
        """
        problem = examiner.problem(record, record.value)
        if problem is None:
            return MendResult(MendOutcome.UNCHANGED, record.value)
        if self._rule is None or letter.document is None or not isinstance(examiner, RegistryValue):
            raise CannotMend(problem)
        value = self._encode(letter.document.text, record, letter, target)
        if value == record.value:
            raise CannotMend(problem)
        return _mended(record, value, examiner)

    def _encode(self, found: str | bytes, record: Record, letter: LetterValue, target: TargetSchema | None) -> bytes:
        if isinstance(found, bytes):
            return found
        if target is None:
            try:
                return found.encode()
            except UnicodeEncodeError:
                raise CannotMend("the rule gives half of a surrogate pair, which UTF-8 cannot hold") from None
        source = target.known.source
        if source not in self._encoders:
            self._encoders[source] = SchemaEncoder(target)
        return self._encoders[source].encode(found, record, letter)

    def _compare(self, record: Record, value: bytes | None) -> RecordComparison:
        schemas = self._schemas.waiting()
        texts = [_shown(one, schemas) for one in (record, replace(record, value=value))]
        return compare_texts("value", *texts)


def _mended(record: Record, value: bytes, examiner: Examiner) -> MendResult:
    problem = examiner.problem(record, value)
    if problem is not None:
        raise CannotMend(problem)
    return MendResult(MendOutcome.MENDED, value)


def _own_schema(letter: LetterValue) -> TargetSchema | None:
    """Returns the schema that a value names itself, by which it is written again."""
    if letter.frame is None or letter.schema is None:
        return None
    reference = letter.frame.reference
    return TargetSchema(reference.id or 0, letter.schema, str(reference))


def _says_same(found: str | bytes, letter: LetterValue) -> bool:
    """Returns whether a text is the JSON that a value has already. That of Avro and Protobuf is laid out by us, so
    there only what it says counts.
    """
    if letter.document is None or isinstance(found, bytes):
        return False
    if found == letter.document.text:
        return True
    if letter.kind not in ("AVRO", "PROTOBUF"):
        return False
    try:
        check_names(found)
        return same(read_json(found).value, letter.document.value)
    except ValueError:
        return False


def _shown(record: Record, schemas: Schemas) -> str:
    letter = read_letter(record, schemas)
    if letter.document is not None:
        return letter.document.text
    if record.value is None:
        return "null"
    text = text_of(record.value)
    return text if isinstance(text, str) else record.value.hex(" ")


def _make_rule(written: MendRule) -> OneByOne | PythonRule:
    """Returns a rule that can be asked. Raises UnusableRule."""
    try:
        match written.kind:
            case RuleKind.MERGE:
                return MergePatch(written.text.decode())
            case RuleKind.CEL:
                return CelRule(written.text.decode())
            case RuleKind.PYTHON:
                return PythonRule(written.file, written.text)
            case RuleKind.EDIT:
                return EditedValue(written.text)
    except FilterError as error:
        where = f" (character {error.position + 1})" if error.position is not None else ""
        raise UnusableRule(f"The rule cannot be used: {error}{where}", "Mend the expression.") from error
    except NotJson as error:
        hint = "It is a JSON merge patch (RFC 7396): an object of what is to be replaced; null takes away."
        raise UnusableRule(f"The merge patch is not JSON that can be used: {error}", hint) from error
    except ValueError as error:
        raise UnusableRule(f"The rule cannot be used: {error}", "Mend the file.") from error
