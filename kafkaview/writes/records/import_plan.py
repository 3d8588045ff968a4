"""The plan of an import: what the file holds, where it goes, what cannot be read, and what stands already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, ParamSpec

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import ClusterError, RecordTooLarge, RefusedByPolicy, RefusedHere
from kafkaview.cluster.in_sync import MIN_IN_SYNC, write_refusal
from kafkaview.cluster.kafka.client_thread import run_aside
from kafkaview.command_words import command_words, option_words
from kafkaview.terms import Topic, TopicPartition
from kafkaview.words import duration, number, plural, size, utc_iso
from kafkaview.writes.plan import NOT_SENT, Caution, ChangePlan, ChangeRow
from kafkaview.writes.records.import_execution import ImportExecution
from kafkaview.writes.records.import_lines import ImportTarget
from kafkaview.writes.records.import_progress import KIND, EarlierImport, ImportKey, ImportProgress, find_progress
from kafkaview.writes.records.import_scan import ImportScan, scan_file, scan_rest
from kafkaview.writes.records.production import NO_UNDO
from kafkaview.writes.records.request import ImportPartitions, ImportRequest, ImportTimestamps
from kafkaview.writes.stopping import Stopping
from kafkaview.writes.topic_ids import topic_id
from kafkaview.writes.topic_limits import TopicLimits, read_limits

if TYPE_CHECKING:
    from kafkaview.session import Session

P = ParamSpec("P")

_VERB: Final = ("records", "import")
_MOST_ROWS: Final = 20  # partitions, and lines that cannot be read, that are shown one by one


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a plan is made from. `earlier` is the last import of the same file, `progress` how far the one came that is
    gone on with, `rest` what is behind that, `gone` the partitions where what it had sent is removed.
    """

    request: ImportRequest
    topic: Topic
    limits: TopicLimits
    scan: ImportScan
    rest: ImportScan
    earlier: EarlierImport | None
    progress: ImportProgress
    gone: Sequence[int]


async def plan_import_records(session: Session, request: ImportRequest) -> ChangePlan:
    """Plans the import of a file, which is read from end to end first. Raises ClusterError where there is no such
    topic, or the file cannot be read.
    """
    topic = await session.cluster.topic(request.topic)
    limits = await read_limits(session.cluster, topic.name)
    target = ImportTarget.of(request, len(topic.partitions))
    stopping = Stopping()

    async def aside(scan: Callable[P, ImportScan], *args: P.args, **kwargs: P.kwargs) -> ImportScan:
        try:
            return await run_aside("kafkaview-import", scan, *args, **kwargs)
        except asyncio.CancelledError:
            stopping.ask()
            raise

    scan = await aside(scan_file, request.path, target, limits, stopping)
    cluster_id = (await session.cluster.describe()).cluster_id
    key = ImportKey(scan.fingerprint, cluster_id, topic_id(topic))
    earlier = await find_progress(session.journal, key)
    anew = earlier is None or earlier.progress.complete or request.from_start
    progress = ImportProgress() if earlier is None or anew else earlier.progress
    rest = scan
    if progress.position:
        rest = await aside(scan_rest, request.path, target, limits, stopping, progress.line, progress.position)
    facts = _Facts(request, topic, limits, scan, rest, earlier, progress, await _gone(session, topic, progress))
    rights = await session.cluster.transactions.refusals(transactional_id(scan), [topic.name], [])
    return ChangePlan(
        kind=KIND,
        title=_title(facts),
        deed=f"Import {plural(facts.rest.records, 'record')}",
        subject=topic.name,
        rows=tuple(_rows(facts)),
        command=_command(request),
        document=_document(facts),
        cautions=(*_cautions(facts), NO_UNDO),
        problems=(*_problems(facts), *rights),
        stop=stopping.ask,
        make_execution=lambda session_, plan, entry, progress: ImportExecution(
            session_,
            plan,
            entry,
            progress,
            path=request.path,
            topic=topic,
            target=target,
            scan=scan,
            done=facts.progress,
            limits=limits,
            stopping=stopping,
            transactional_id=transactional_id(scan),
            key=key,
            earlier=earlier,
        ),
    )


async def _gone(session: Session, topic: Topic, progress: ImportProgress) -> list[int]:
    """Returns the partitions whose log begins behind what an earlier import has sent there."""
    places = {one: TopicPartition(topic.name, one) for one in progress.ends if one < len(topic.partitions)}
    bounds = await session.cluster.offsets(places.values()) if places else {}
    return sorted(one for one, at in places.items() if (bounds[at].log_start_offset or 0) >= progress.ends[one])


def transactional_id(scan: ImportScan) -> str:
    """Returns the transactional id. It is the same for everyone who imports the file so, so that a second one fences
    the first.
    """
    return f"kafkaview-import-{scan.fingerprint}"


def _title(facts: _Facts) -> str:
    whole = plural(facts.scan.records, "record")
    if facts.progress.records:
        return f"Import the other {number(facts.rest.records)} of {whole} into {facts.topic.name}"
    return f"Import {whole} into {facts.topic.name}"


def _command(request: ImportRequest) -> tuple[str, ...]:
    options = [*option_words("--to", request.topic)]
    if request.partitions is not ImportPartitions.KEEP:
        options += option_words("--partitions", request.partitions.value)
    if request.timestamps is not ImportTimestamps.KEEP:
        options += option_words("--timestamps", request.timestamps.value)
    if request.skip_bad:
        options.append("--skip-bad")
    if request.from_start:
        options.append("--from-start")
    return command_words(_VERB, [str(request.path)], options)


def _rows(facts: _Facts) -> list[ChangeRow]:
    whole, scan = facts.scan, facts.rest
    transactions = plural(scan.transactions, "transaction")
    content = f"{plural(scan.records, 'record')}, {size(scan.size)}, {transactions}"
    if facts.progress.records:
        already = f"{plural(facts.progress.records, 'record')}, to line {number(facts.progress.line)}"
        rows = [
            ChangeRow("The file", None, f"{plural(whole.records, 'record')}, {size(whole.size)}"),
            ChangeRow("Of an import that was cut off", already, already),
            ChangeRow("The rest of the file", None, content),
        ]
    else:
        rows = [ChangeRow("The file", None, content)]
    by = sorted(scan.by_partition.items())
    rows += [ChangeRow(f"{facts.topic.name}:{one}", None, plural(count, "record")) for one, count in by[:_MOST_ROWS]]
    if len(by) > _MOST_ROWS:
        rest = sum(count for _, count in by[_MOST_ROWS:])
        rows.append(ChangeRow(plural(len(by) - _MOST_ROWS, "other partition"), None, plural(rest, "record")))
    rows += [ChangeRow(f"Line {number(line)}", why, NOT_SENT) for line, why in scan.bad_lines[:_MOST_ROWS]]
    if scan.bad > _MOST_ROWS:
        rows.append(ChangeRow(plural(scan.bad - _MOST_ROWS, "other line"), "cannot be read", NOT_SENT))
    return rows


def _document(facts: _Facts) -> dict[str, Any]:
    scan, request = facts.scan, facts.request
    return {
        "file": str(request.path),
        "to": facts.topic.name,
        "topic_id": topic_id(facts.topic),
        "topic_partitions": len(facts.topic.partitions),
        "partitions": request.partitions.value,
        "timestamps": request.timestamps.value,
        "skip_bad": request.skip_bad,
        "from_start": request.from_start,
        "records": scan.records,
        "bytes": scan.size,
        "transactions": scan.transactions,
        "by_partition": [{"partition": one, "records": scan.by_partition[one]} for one in sorted(scan.by_partition)],
        "bad": scan.bad,
        "bad_lines": [{"line": line, "reason": reason} for line, reason in scan.bad_lines],
        "already": facts.progress.records,
        "earlier_entry": facts.earlier.entry if facts.earlier is not None else None,
        "fingerprint": scan.fingerprint,
    }


def _problems(facts: _Facts) -> list[ClusterError]:
    topic, limits, scan, request = facts.topic, facts.limits, facts.scan, facts.request
    found: list[ClusterError] = []
    if scan.bad and not request.skip_bad:
        line, reason = scan.bad_lines[0]
        message = f"{plural(scan.bad, 'line')} cannot be read, the first is line {number(line)}: {reason}"
        found.append(RefusedHere(message, "Mend the file, or leave such lines out with --skip-bad."))
    if not scan.records:
        found.append(RefusedHere(f"{request.path} holds no record", "It takes JSON lines, as `records --json` prints."))
    if facts.progress != ImportProgress() and facts.earlier is not None:
        before = facts.earlier.partitions
        if before != len(topic.partitions):
            had = f"{topic.name} had {plural(before, 'partition')} when the import was cut off, it has"
            message = f"{had} {number(len(topic.partitions))} now: what stands and what is left do not fit together"
            found.append(RefusedHere(message, "Begin anew with --from-start: what stands is there twice then."))
    if topic.internal:
        found.append(RefusedHere(f"{topic.name} is Kafka's own", "Choose another topic."))
    if scan.keyless and limits.compacts:
        message = (
            f"{topic.name} is compacted and takes no record without a key: "
            f"{plural(scan.keyless, 'record has', 'records have')} none, the first is line {number(scan.keyless_line)}"
        )
        found.append(RefusedByPolicy(message, "Choose another topic."))
    if scan.too_large:
        message = (
            f"{plural(scan.too_large, 'record is', 'records are')} too large: line {number(scan.largest_line)} has "
            f"{number(scan.largest)} bytes, {topic.name} takes {number(limits.largest)}"
        )
        found.append(RecordTooLarge(message, f"Raise max.message.bytes of {topic.name}."))
    found += _problems_of_time(facts)
    return [*found, *_problems_of_partitions(topic, limits, scan.by_partition)]


def _problems_of_time(facts: _Facts) -> list[ClusterError]:
    now = now_ms()
    for at_ms in (facts.scan.oldest_ms, facts.scan.newest_ms):
        found = facts.limits.timestamp_violation(at_ms, now) if at_ms is not None else None
        if found is not None:
            message = (
                f"{facts.topic.name} does not take the timestamp {utc_iso(at_ms)}: it lies {duration(found.away_ms)} "
                f"{found.side} now, and {duration(found.limit_ms)} are allowed ({found.setting}={found.limit_ms})"
            )
            return [RefusedByPolicy(message, "Give the records the present time with --timestamps now.")]
    return []


def _problems_of_partitions(topic: Topic, limits: TopicLimits, used: Collection[int]) -> list[ClusterError]:
    least = limits.number(MIN_IN_SYNC)
    refusals = (write_refusal(topic.partitions[one], least) for one in sorted(used))
    return [one for one in refusals if one is not None]


def _cautions(facts: _Facts) -> list[Caution]:
    scan, limits, name = facts.scan, facts.limits, facts.topic.name
    found = []
    if facts.earlier is not None and facts.progress == ImportProgress():
        stood = facts.earlier.progress
        part = "this file" if stood.complete else f"{plural(stood.records, 'record')} of this file"
        why = f"Journal entry {facts.earlier.entry} has imported {part} into {name} already."
        found.append(Caution("Its records will be there twice.", why))
    if facts.gone:
        where = plural(len(facts.gone), "partition")
        why = f"The logs begin behind it, the first is {name}:{facts.gone[0]}. --from-start sends the whole file."
        found.append(Caution(f"What was imported before is removed from {where}: only the rest will be there.", why))
    sending = facts.progress.sending
    if sending is not None and facts.earlier is not None:
        entry = facts.earlier.entry
        why = f"They were being sent when the last import was cut off (journal entry {entry})."
        found.append(Caution(f"{plural(sending.records, 'record')} may stand already: they are looked for first.", why))
    if scan.bad and facts.request.skip_bad:
        found.append(Caution(f"{plural(scan.bad, 'line is', 'lines are')} left out.", "They cannot be read."))
    kept = facts.request.timestamps is ImportTimestamps.KEEP
    if kept and limits.stamps:
        found.append(Caution("The timestamps are not kept.", f"Brokers stamp the records of {name} (LogAppendTime)."))
    elif kept and scan.unstamped:
        why = "The file has none that can be written (none, 0, or before 1970)."
        found.append(Caution(f"{plural(scan.unstamped, 'record gets', 'records get')} the present time.", why))
    oldest = scan.oldest_ms
    if oldest is not None and not limits.compacts and limits.is_expired(oldest, now_ms()):
        why = f"{name} keeps records for {duration(limits.number('retention.ms'))} by their timestamp."
        found.append(Caution(f"Records from {utc_iso(oldest)} on may be removed at once.", why))
    return found
