"""What a window or a command line asks of a read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kafkaview.records.partitioners import Partitioner
from kafkaview.records.progress import ReadProgress
from kafkaview.records.rows import RecordRow
from kafkaview.terms import Isolation


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """The records to read. `start` and `end` are positions as `--from` and `--to` take them, `partitions` numbers
    (None: all), `limit` the most records (None: all of the range). With `newest_first` the range is read backwards
    from its end, newest timestamp first. `resume` goes on where an earlier read with the same request ended
    (`RecordsBatch.resume`): the offset of each partition, in the topic of `topic_id`, if that is known. `key` keeps the
    records of one key, and reads only the partition that a partitioner sends it to; None for `partitioner` finds out
    which one. `where` is a CEL expression, `decode` the rule by which it sees values; empty: the topic's own format.
    With `offsets`, by partition, nothing but the records there is read, as `records_of` gives them.
    """

    topic: str
    start: str = "beginning"
    end: str = "end"
    partitions: tuple[int, ...] | None = None
    key: bytes | None = None
    partitioner: Partitioner | None = None
    where: str = ""
    decode: str = ""
    isolation: Isolation = Isolation.READ_COMMITTED
    limit: int | None = 200
    newest_first: bool = False
    resume: Mapping[int, int] | None = None
    topic_id: bytes | None = None
    offsets: Mapping[int, tuple[int, ...]] | None = None


@dataclass(frozen=True, slots=True)
class RecordsBatch:
    """Some rows of a read, in the order of the list, and the read's progress. In the last batch `ended` is set and
    `resume` says where a further read goes on; None where the range is exhausted. `notes` are sentences for the user.
    """

    rows: tuple[RecordRow, ...]
    progress: ReadProgress
    notes: tuple[str, ...] = ()
    ended: bool = False
    resume: Mapping[int, int] | None = None
    topic_id: bytes | None = None


@dataclass(frozen=True, slots=True)
class FollowRequest:
    """The records to follow as they come in, from `start` on, or from an earlier offset that `resume` has for a
    partition, in the topic of `topic_id`, if that is known. `most` bounds the rows that are sent at once.
    """

    topic: str
    start: str = "end"
    partitions: tuple[int, ...] | None = None
    key: bytes | None = None
    where: str = ""
    decode: str = ""
    isolation: Isolation = Isolation.READ_COMMITTED
    most: int = 500
    resume: Mapping[int, int] | None = None
    topic_id: bytes | None = None
