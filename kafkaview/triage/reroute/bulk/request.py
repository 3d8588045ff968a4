"""The input of a bulk re-route: the records of one topic, and the user's choices."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kafkaview.terms import RecordId, TopicPartition
from kafkaview.triage.provenance_headers import Dialect
from kafkaview.triage.scan.findings import Finding


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """A request for a plan. `reasons` has the records: by partition and offset the reason for the headers, which is
    empty where the topic's decoder says it. `groups` None means every group that has committed on their partitions;
    empty means copies only. `source` are the words of the command line that name the records, `complete` is whether
    the scan that found them came to its end.
    """

    topic: str
    reasons: Mapping[int, Mapping[int, str]]
    groups: tuple[str, ...] | None = None
    dlq: str | None = None  # None: the topic's own
    create_dlq: bool = True
    evict: bool = True
    dialect: Dialect = Dialect.KAFKA
    source: tuple[str, ...] = ("--from-scan", "-")
    complete: bool = True

    @property
    def count(self) -> int:
        """The number of records."""
        return sum(map(len, self.reasons.values()))

    @property
    def offsets(self) -> dict[TopicPartition, tuple[int, ...]]:
        """The offsets of the records by partition, in order."""
        return {
            TopicPartition(self.topic, partition): tuple(sorted(own)) for partition, own in sorted(self.reasons.items())
        }

    @property
    def digest(self) -> str:
        """Returns what tells this set of records from another one: 32 hexadecimal digits."""
        digest = hashlib.sha256()
        for place, offsets in self.offsets.items():
            digest.update(f"{place}\n{','.join(map(str, offsets))}\n".encode())
        return digest.hexdigest()[:32]


def reasons_of(records: Iterable[RecordId]) -> dict[int, dict[int, str]]:
    """Returns records of one topic without a reason of their own."""
    found: dict[int, dict[int, str]] = {}
    for record in records:
        found.setdefault(record.partition, {})[record.offset] = ""
    return found


def request_of(topic: str, findings: Iterable[Finding], *, complete: bool) -> BulkRequest:
    """Returns the request for all findings of a scan of a topic."""
    reasons: dict[int, dict[int, str]] = {}
    for finding in findings:
        own = reasons.setdefault(finding.record.partition, {})
        own[finding.record.offset] = join_reasons(own.get(finding.record.offset, ""), finding.reason)
    return BulkRequest(topic, reasons, complete=complete)


def join_reasons(one: str, other: str) -> str:
    """Returns the reasons of a record of which more than one field violates a rule."""
    return "; ".join(dict.fromkeys(filter(None, (one, other))))
