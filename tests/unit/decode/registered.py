"""A registry in memory, and records as its serializers write them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

from fastavro import parse_schema, schemaless_writer

from kafkaview.cluster.errors import SchemaUnavailable, SchemaUnknown
from kafkaview.cluster.ports.schemas import RegisteredSchema, SchemaReference

ORDER = {
    "type": "record",
    "name": "Order",
    "namespace": "shop",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 2}},
        {"name": "status", "type": {"type": "enum", "name": "Status", "symbols": ["NEW", "PAID"]}},
        {"name": "note", "type": ["null", "string"], "default": None},
        {"name": "code", "type": ["null", "string", "long"], "default": None},
        {"name": "lines", "type": {"type": "array", "items": "long"}},
        {"name": "parent", "type": ["null", "Order"], "default": None},
    ],
}


def avro(schema: Any, value: object) -> bytes:
    out = io.BytesIO()
    schemaless_writer(out, parse_schema(schema), value)
    return out.getvalue()


def framed(number: int, payload: bytes) -> bytes:
    return b"\x00" + number.to_bytes(4, "big") + payload


class MemoryRegistry:
    """Answers as a registry does, and counts what it is asked."""

    def __init__(self, schemas: Mapping[int, RegisteredSchema]) -> None:
        self.schemas = dict(schemas)
        self.asked: list[SchemaReference] = []
        self.is_down = False

    def __call__(self, reference: SchemaReference) -> RegisteredSchema:
        self.asked.append(reference)
        if self.is_down:
            raise SchemaUnavailable("http://registry gives no answer within 10 s")
        if reference.subject is not None:
            versions = [one for one in self.schemas.values() if any(of == reference.subject for of, _ in one.versions)]
            if reference.version is not None:
                versions = [one for one in versions if (reference.subject, reference.version) in one.versions]
            if not versions:
                raise SchemaUnknown(f"The registry has no {reference}")
            return max(versions, key=lambda one: one.versions[-1][1])
        by_guid = (schema for schema in self.schemas.values() if reference.guid and schema.guid == reference.guid)
        found = self.schemas.get(reference.id) if reference.id is not None else next(by_guid, None)
        if found is None:
            raise SchemaUnknown(f"The registry has no {reference}")
        return found


def order_schema(guid: str | None = None) -> RegisteredSchema:
    return RegisteredSchema("AVRO", json.dumps(ORDER), (), (("other-value", 1), ("orders-value", 3)), guid)
