"""The records of Kafka's own topics, in which its coordinators keep committed offsets, groups, transactions and share
groups. Their layout is that of the release in `resources/kafka/coordinator-records.json`, versions before it included.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

from kafkaview.decode.coordinator_fields import in_versions, read_struct
from kafkaview.decode.result import Decoded, Surroundings, Undecodable
from kafkaview.decode.walk import Fault, Walk, decoded_walk, report_fault, report_rest
from kafkaview.decode.wire_format import Payload
from kafkaview.resources import ROOT
from kafkaview.terms import OFFSETS_TOPIC

INTERNAL_TOPICS: Final = (OFFSETS_TOPIC, "__transaction_state", "__share_group_state")


@dataclass(frozen=True, slots=True)
class CoordinatorRecord:
    """Reads keys and values of Kafka's own topics: a key begins with its kind, a value with its version."""

    record: Surroundings = field(default_factory=Surroundings, repr=False, compare=False)
    name: str = "internal"
    title: str = "Kafka's own record"

    def within(self, record: Surroundings) -> CoordinatorRecord:
        """Returns the decoder of the key and the value of this record."""
        return replace(self, record=record)

    def problem(self, data: bytes, field: str = "value") -> Undecodable | None:
        """Returns the byte at which the record is not of its layout."""
        result = self._walk(Payload(data, 0, field, self.name))
        return result if isinstance(result, Undecodable) else None

    def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:
        """Returns the fields of the record, after its kind and version."""
        payload = Payload(data, 0, field, self.name)
        result = self._walk(payload)
        return result if isinstance(result, Undecodable) else decoded_walk(payload, result)

    def _walk(self, payload: Payload) -> Walk | Undecodable:
        walk = Walk(payload.data, 0, len(payload.data))
        kinds = _layouts().get(self.record.topic)
        if kinds is None:
            reason = f"{self.record.topic or 'the topic'} is none of Kafka's own topics: {', '.join(INTERNAL_TOPICS)}"
            return Undecodable(self.name, reason, judged=False)
        try:
            if payload.field == "key":
                kind, version = int.from_bytes(walk.take(2, "the kind of the record"), "big", signed=True), 0
            else:
                kind = int.from_bytes((self.record.key or b"")[:2], "big", signed=True)
                version = int.from_bytes(walk.take(2, "the version of the record"), "big", signed=True)
            layout = kinds.get(str(kind), {}).get(payload.field)
            if layout is None or not in_versions(version, layout["validVersions"]):
                return self._report_unknown(payload, kind, version, layout)
            walk.out.append(f'{{"type":"{layout["name"]}","version":{version},"data":')
            read_struct(walk, layout["fields"], version, layout)
            walk.out.append("}")
        except Fault as fault:
            return report_fault(payload, fault)
        return walk if walk.at == walk.end else report_rest(payload, walk.at, "the record")

    def _report_unknown(
        self, payload: Payload, kind: int, version: int, layout: Mapping[str, Any] | None
    ) -> Undecodable:
        what = f"records of the kind {kind}" if layout is None else f"version {version} of {layout['name']}"
        reason = f"{what} are not known here: a later release may write them"
        return Undecodable(self.name, reason, 0, min(2, len(payload.data)), judged=False)


@cache
def _layouts() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((ROOT / "kafka" / "coordinator-records.json").read_text(encoding="utf-8"))
    return found
