"""Records as confluent-kafka's own serializers write them with a registry, and a consumer that reads them so:
`python -m tests.broker.registry_records BOOTSTRAP REGISTRY TOPIC GROUP KIND` retries for ever what it cannot read.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pool, message_factory

from kafkaview.decode.proto_files import compile_registered
from tests.broker.material import Broker

ORDER = """{"type": "record", "name": "Order", "namespace": "shop", "fields": [
 {"name": "id", "type": "string"}, {"name": "total", "type": "shop.Money"}]}"""
MONEY = '{"type": "record", "name": "Money", "namespace": "shop", "fields": [{"name": "units", "type": "long"}]}'
LATER_ORDER = ORDER.replace("]}", ', {"name": "note", "type": ["null", "string"], "default": null}]}')
PAYMENT = """syntax = "proto3"; package shop;
message Other { int32 a = 1; }
message Payment { string id = 1; int64 cents = 2; }"""
PRICE = """{"$schema": "http://json-schema.org/draft-07/schema#", "title": "Price", "type": "object",
 "properties": {"cents": {"type": "integer"}}, "required": ["cents"]}"""

UNKNOWN_ID = b"\x00\x00\x00\xff\xff\x06o-9\x0e"


def payment_class() -> Any:
    """The class of the Protobuf message."""
    pool = descriptor_pool.DescriptorPool()
    for file in compile_registered(PAYMENT, {}):
        pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("shop.Payment"))


class RegistryWriter:
    """Serializes keys and values, and registers their schemas."""

    def __init__(self, url: str) -> None:
        self.client = SchemaRegistryClient({"url": url})

    def order(
        self, topic: str, value: dict[str, Any], schema: str = ORDER, field: MessageField = MessageField.VALUE
    ) -> bytes:
        """An order in Avro, whose schema refers to another."""
        self.client.register_schema("shop.Money", Schema(MONEY, "AVRO"))
        referring = Schema(schema, "AVRO", [SchemaReference("shop.Money", "shop.Money", 1)])
        return self._bytes(AvroSerializer(self.client, referring), topic, value, field)

    def payment(self, topic: str, **fields: Any) -> bytes:
        """A payment in Protobuf, the second message of its file."""
        made = payment_class()
        serializer = ProtobufSerializer(made, self.client, {"use.deprecated.format": False})
        return self._bytes(serializer, topic, made(**fields), MessageField.VALUE)

    def price(self, topic: str, value: dict[str, Any]) -> bytes:
        """A price in JSON that has a schema."""
        return self._bytes(JSONSerializer(PRICE, self.client), topic, value, MessageField.VALUE)

    @staticmethod
    def _bytes(serializer: Any, topic: str, value: object, field: MessageField) -> bytes:
        made: bytes = serializer(value, SerializationContext(topic, field))
        return made


def fill(broker: Broker, topic: str, records: Sequence[tuple[bytes | None, bytes | None]]) -> None:
    """Writes keys and values to partition 0."""
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for key, value in records:
        producer.produce(topic, value, key, 0)
    assert producer.flush(10) == 0


def fill_with_poison(broker: Broker, topic: str, writer: RegistryWriter, kind: str) -> tuple[bytes, str]:
    """Writes ten good records, one that cannot be read, and ten more. Returns that value and why it cannot be read."""
    if kind == "avro":
        good, poison = writer.order(topic, {"id": "o-1", "total": {"units": 7}}), UNKNOWN_ID
        reason = "bytes 1 to 4 of the value: the registry has no schema id 65535"
    else:
        good = writer.payment(topic, id="payment", cents=7)
        poison, reason = good[:-4], "byte 8 of the value: id has a length of 7, 5 bytes are left (id)"
    fill(broker, topic, [(b"a", good)] * 10 + [(b"\xff", poison)] + [(b"b", good)] * 10)
    return poison, reason


@contextmanager
def registry_reader(bootstrap: str, url: str, topic: str, group: str, kind: str) -> Iterator[None]:
    """A consumer in a process of its own."""
    words = [sys.executable, "-m", "tests.broker.registry_records", bootstrap, url, topic, group, kind]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as process:
        try:
            yield
        finally:
            process.kill()


def main(bootstrap: str, url: str, topic: str, group: str, kind: str) -> None:
    """Reads for ever, and commits each record that it can read."""
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()  # ends with the test
    client = SchemaRegistryClient({"url": url})
    readers = {
        "avro": lambda: AvroDeserializer(client),
        "protobuf": lambda: ProtobufDeserializer(payment_class(), {"use.deprecated.format": False}),
        "json": lambda: JSONDeserializer(PRICE),
    }
    read: Any = readers[kind]()
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 500,
        }
    )
    consumer.subscribe([topic])
    while True:
        message = consumer.poll(0.2)
        if message is None or message.error():
            continue
        try:
            read(message.value(), SerializationContext(topic, MessageField.VALUE))
        except Exception:  # noqa: BLE001 - whatever it is: such a consumer tries again
            consumer.seek(TopicPartition(topic, message.partition() or 0, message.offset() or 0))
            time.sleep(0.1)
            continue
        with suppress(KafkaException):  # removed from the group: it joins again
            consumer.commit(message=message, asynchronous=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
