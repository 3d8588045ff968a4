"""Records to mend, and a registry in memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from kafkaview.cluster.ports.schemas import RegisteredSchema
from kafkaview.decode.schemas import Schemas
from kafkaview.session import Session
from kafkaview.terms import Header, Record, TimestampType
from kafkaview.triage.mending.mender import Mender
from kafkaview.triage.mending.result import MendOutcome, MendResult
from kafkaview.triage.mending.rules import Acceptance, MendRule, RuleKind, read_acceptance

TOPIC = "orders"


def letter(value: bytes | None, offset: int = 0, headers: tuple[Header, ...] = ()) -> Record:
    return Record("orders-dlq", 0, offset, 1_790_000_000_000, TimestampType.CREATE_TIME, b"k", value, headers)


def session(ask: Any = None) -> Session:
    """What of a session a mender uses."""
    return cast("Session", SimpleNamespace(decoders=SimpleNamespace(schemas=Schemas(ask))))


def cel(expression: str) -> MendRule:
    return MendRule(RuleKind.CEL, expression.encode())


def merge(patch: str) -> MendRule:
    return MendRule(RuleKind.MERGE, patch.encode())


def python(tmp_path: Path, source: str) -> MendRule:
    return MendRule(RuleKind.PYTHON, source.encode(), str(tmp_path / "rule.py"))


async def mend(
    rule: MendRule | None, values: Sequence[bytes | Record | None], accept: str | Acceptance = "none", ask: Any = None
) -> list[MendResult]:
    mender = Mender(rule, read_acceptance(accept) if isinstance(accept, str) else accept)
    try:
        await mender.prepare(session(ask), [TOPIC])
        records = [one if isinstance(one, Record) else letter(one, place) for place, one in enumerate(values)]
        return await mender.mend(records, TOPIC)
    finally:
        mender.close()


def brief(results: Sequence[MendResult]) -> list[bytes | str | None]:
    """The values of those that were mended, `=` for those that are sent as they are, and reasons of the others."""
    return [
        "=" if one.outcome is MendOutcome.UNCHANGED else one.value if one.outcome is MendOutcome.MENDED else one.reason
        for one in results
    ]


def schema_of(kind: str, text: Any, id_: int, version: int, subject: str = f"{TOPIC}-value") -> RegisteredSchema:
    written = text if isinstance(text, str) else json.dumps(text)
    return RegisteredSchema(kind, written, (), ((subject, version),), None, id_)
