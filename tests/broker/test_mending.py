"""Dead letters that a registry describes, mended for its latest version: by Apicurio's registry and Confluent's own
serializers.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.schema_registry import Schema
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from kafkaview.cluster.errors import SchemaUnavailable, SchemaUnknown
from kafkaview.profiles.profile import ConnectionProfile, SchemaRegistry
from kafkaview.session import Session, open_session
from kafkaview.terms import Record, TimestampType
from kafkaview.triage.mending.mender import Mender
from kafkaview.triage.mending.result import MendOutcome, MendResult
from kafkaview.triage.mending.rules import Acceptance, AcceptKind, MendRule, RuleKind, read_acceptance
from tests.broker.material import Broker
from tests.broker.registry_records import LATER_ORDER, PAYMENT, PRICE, UNKNOWN_ID, RegistryWriter, payment_class
from tests.broker.schema_registry import EmbeddedRegistry
from tests.unit.decode.registered import avro, framed

pytestmark = pytest.mark.usefixtures("tmp_home")

LETTERS, HOPELESS = 23_000, 2_000


@pytest.fixture
async def session(broker: Broker, registry: EmbeddedRegistry, tmp_path: Path) -> AsyncIterator[Session]:
    profile = ConnectionProfile("test", broker.bootstrap, schema_registry=SchemaRegistry(registry.url))
    async with open_session(profile, journal=tmp_path / "journal.sqlite3") as session:
        yield session


@pytest.fixture
def topic(broker: Broker) -> str:
    return broker.topic()


def cel(expression: str) -> MendRule:
    return MendRule(RuleKind.CEL, expression.encode())


async def mend(
    session: Session, topic: str, rule: MendRule | None, accept: str | Acceptance, values: Sequence[bytes]
) -> list[MendResult]:
    mender = Mender(rule, read_acceptance(accept) if isinstance(accept, str) else accept)
    await mender.prepare(session, [topic])
    kind = TimestampType.CREATE_TIME
    return await mender.mend([Record(topic, 0, at, 0, kind, None, value) for at, value in enumerate(values)], topic)


def allow_any_change(writer: RegistryWriter, subject: str) -> None:
    writer.client.set_compatibility(subject, "NONE")


def context(topic: str) -> SerializationContext:
    return SerializationContext(topic, MessageField.VALUE)


async def test_avro_is_what_confluents_deserializer_reads_by_the_latest_version(
    session: Session, writer: RegistryWriter, topic: str
) -> None:
    old = writer.order(topic, {"id": "o-1", "total": {"units": 7}})
    newest = writer.order(topic, {"id": "o-2", "total": {"units": 8}, "note": None}, LATER_ORDER)
    rule = cel('merge(value, {"note": "mended " + value.id})')
    found = await mend(session, topic, rule, "registry", [old, newest, UNKNOWN_ID, b"\xff"])
    assert [one.outcome for one in found] == [MendOutcome.MENDED] * 2 + [MendOutcome.FAILED] * 2
    read = AvroDeserializer(writer.client)
    values = [read(one.value, context(topic)) for one in found[:2] if one.value is not None]
    assert values == [
        {"id": "o-1", "total": {"units": 7}, "note": "mended o-1"},
        {"id": "o-2", "total": {"units": 8}, "note": "mended o-2"},
    ]
    assert found[0].value == writer.order(topic, values[0], LATER_ORDER)
    assert "no schema id 65535" in found[2].reason


async def test_protobuf_is_what_confluents_serializer_writes(
    session: Session, writer: RegistryWriter, topic: str
) -> None:
    payment = writer.payment(topic, id="p-1", cents=7)
    rule = MendRule(RuleKind.MERGE, b'{"cents": 9223372036854775807}')
    (found,) = await mend(session, topic, rule, "registry", [payment])
    assert found.value == writer.payment(topic, id="p-1", cents=2**63 - 1)
    read = ProtobufDeserializer(payment_class(), {"use.deprecated.format": False})
    assert read(found.value, context(topic)).cents == 2**63 - 1
    writer.client.register_schema(
        f"{topic}-value", Schema(PAYMENT.replace("cents = 2;", "cents = 2; int32 n = 3;"), "PROTOBUF")
    )
    (later,) = await mend(session, topic, MendRule(RuleKind.MERGE, b'{"n": 3}'), "registry", [payment])
    assert later.value is not None
    assert later.value[1:5] != payment[1:5]
    assert read(later.value, context(topic)).id == "p-1"


async def test_json_with_a_schema_is_what_confluents_deserializer_takes(
    session: Session, writer: RegistryWriter, topic: str
) -> None:
    price = writer.price(topic, {"cents": 7})
    (found,) = await mend(session, topic, cel('merge(value, {"cents": value.cents + 1})'), "registry", [price])
    assert found.value is not None
    assert JSONDeserializer(PRICE)(found.value, context(topic)) == {"cents": 8}
    assert found.value[:5] == price[:5]


async def test_what_the_registry_does_not_have_is_said_before_a_record_is_looked_at(
    session: Session, writer: RegistryWriter, topic: str, broker: Broker, closed_port: int
) -> None:
    order = writer.order(topic, {"id": "o-1", "total": {"units": 7}})
    with pytest.raises(SchemaUnknown, match=f"no version 9 of {topic}-value"):
        await mend(session, topic, None, "registry:9", [])
    with pytest.raises(SchemaUnknown, match="no subject elsewhere-value"):
        await mend(session, "elsewhere", None, "registry", [])
    (found,) = await mend(session, topic, None, "registry:1", [order])
    assert found.outcome is MendOutcome.UNCHANGED
    away = SchemaRegistry(f"http://127.0.0.1:{closed_port}")
    async with open_session(ConnectionProfile("test", broker.bootstrap, schema_registry=away)) as unreachable:
        with pytest.raises(SchemaUnavailable, match="cannot be held to registry"):
            await mend(unreachable, topic, None, "registry", [])


def old_values(broken: int) -> list[dict[str, Any]]:
    """Orders of the old form, whose amount is text; of some it is none."""
    step = LETTERS // broken
    return [
        {"id": f"o-{at}", "amount": "soon" if at % step == 0 and at < step * broken else f"{at % 997}.50"}
        for at in range(LETTERS)
    ]


async def test_23000_json_letters_are_mended_against_a_json_schema(session: Session, topic: str) -> None:
    values = [json.dumps(one).encode() for one in old_values(HOPELESS)]
    schema = {"type": "object", "properties": {"amount": {"type": "number"}}, "required": ["id", "amount"]}
    acceptance = Acceptance(AcceptKind.JSON_SCHEMA, json.dumps(schema).encode(), "order.json")
    began = time.monotonic()
    found = await mend(session, topic, cel('merge(value, {"amount": double(value.amount)})'), acceptance, values)
    print(f"{LETTERS:,} JSON letters mended by CEL in {time.monotonic() - began:.1f} s")
    assert Counter(one.outcome for one in found) == {
        MendOutcome.MENDED: LETTERS - HOPELESS, MendOutcome.FAILED: HOPELESS
    }  # fmt: skip
    unmended = await mend(session, topic, None, acceptance, values)
    assert {one.outcome for one in unmended} == {MendOutcome.FAILED}
    assert found[1].value == b'{"id": "o-1", "amount": 1.5}'


async def test_23000_avro_letters_are_mended_for_the_latest_version(
    session: Session, writer: RegistryWriter, topic: str
) -> None:
    old = json.dumps({"type": "record", "name": "Bill", "fields": [
        {"name": "id", "type": "string"}, {"name": "amount", "type": "string"}]})  # fmt: skip
    new = old.replace('"amount", "type": "string"', '"amount", "type": "double"')
    first = writer.order(topic, {"id": "o-0", "amount": ""}, old)
    values = [framed(int.from_bytes(first[1:5], "big"), avro(json.loads(old), one)) for one in old_values(HOPELESS)]
    allow_any_change(writer, f"{topic}-value")
    newest = writer.order(topic, {"id": "o-1", "amount": 1.5}, new)
    began = time.monotonic()
    rule = cel('merge(value, {"amount": double(value.amount)})')
    found = await mend(session, topic, rule, "registry", values)
    print(f"{LETTERS:,} Avro letters mended by CEL in {time.monotonic() - began:.1f} s")
    assert Counter(one.outcome for one in found) == {
        MendOutcome.MENDED: LETTERS - HOPELESS, MendOutcome.FAILED: HOPELESS
    }  # fmt: skip
    assert found[1].value == newest
