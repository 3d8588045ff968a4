"""The plan of a watch: which topics, by which rules, as which group, and where poison is copied to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kafkaview.cluster.errors import ClusterError, RefusedByPolicy, RefusedHere, UnknownTopicOrPartition
from kafkaview.cluster.in_sync import MIN_IN_SYNC, write_refusal
from kafkaview.cluster.ports.group_ids import fits_transaction
from kafkaview.command_words import command_words, option_words
from kafkaview.triage.group_watch.execution import GroupWatchExecution
from kafkaview.triage.group_watch.facts import GroupWatchFacts
from kafkaview.triage.group_watch.figures import WatchListener
from kafkaview.triage.group_watch.run import GroupWatchRun
from kafkaview.triage.provenance_headers import Dialect
from kafkaview.triage.reroute.queue import Queue
from kafkaview.words import join_names, name_text, plural
from kafkaview.writes.plan import Caution, ChangePlan, ChangeRow

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.writes.stopping import Stopping

KIND: Final = "watch"


async def plan_group_watch(
    session: Session, facts: GroupWatchFacts, listener: WatchListener, stopping: Stopping
) -> ChangePlan:
    """Plans a watch; `listener` is told what it finds while the plan is carried out. Raises ClusterError."""
    request, queue = facts.request, facts.queue
    names = [topic.name for topic in facts.topics]
    deed = f"copy poison to {name_text(queue.name)}" if queue is not None else "report poison"
    refusals = await session.cluster.transactions.refusals(
        facts.transactional_id,
        [queue.name] if queue is not None and queue.topic is not None else [],
        [request.group_name],
    )
    return ChangePlan(
        kind=KIND,
        title=f"Watch {join_names([name_text(name) for name in names])}, {deed}",
        deed="Watch",
        subject=names[0],
        rows=tuple(_rows(facts)),
        command=_command(facts),
        document=_document(facts),
        cautions=tuple(_cautions(queue)),
        problems=(*_problems(facts), *(refusals if queue is not None else ())),
        stop=stopping.ask,
        make_execution=lambda session_, plan, entry, progress: GroupWatchExecution(
            session_, plan, entry, progress, facts=facts, run=GroupWatchRun(session_, facts, listener, stopping)
        ),
    )


def _rows(facts: GroupWatchFacts) -> list[ChangeRow]:
    request, queue = facts.request, facts.queue
    rows = [ChangeRow(f"Group {name_text(request.group_name)}", None, f"one more member, from the {_beginning(facts)}")]
    for name, rules in facts.rules.names.items():
        keys = [f"keys: {rule}" for rule in rules.keys]
        rows.append(ChangeRow(name_text(name), None, ", ".join((*rules.values, *keys))))
    if queue is not None and queue.topic is None and request.create_dlq:
        rows.append(ChangeRow(name_text(queue.name), None, f"is created, {plural(queue.partitions, 'partition')}"))
    if queue is not None:
        rows.append(
            ChangeRow("Poison records", None, f"copied to {name_text(queue.name)}, headers as {request.dialect}")
        )
    return rows


def _beginning(facts: GroupWatchFacts) -> str:
    return "end of the logs" if facts.request.from_end else "beginning of the logs"


def _command(facts: GroupWatchFacts) -> tuple[str, ...]:
    request = facts.request
    options: list[str] = []
    for option, rules in (("--rule", request.value_rules), ("--key-rule", request.key_rules)):
        for rule in rules:
            options += option_words(option, rule.name)
    if request.dlq is not None:
        options += option_words("--to", request.dlq)
    if request.create_dlq:
        options.append("--create-dlq")
    if request.dialect is not Dialect.KAFKA:
        options += option_words("--dialect", request.dialect.value)
    options += option_words("--group", request.group_name)
    if request.from_end:
        options += option_words("--from", "end")
    if request.metrics is not None:
        options += option_words("--metrics", request.metrics)
    return command_words([KIND], [topic.name for topic in facts.topics], options)


def _document(facts: GroupWatchFacts) -> dict[str, Any]:
    request, queue, rules = facts.request, facts.queue, facts.rules.names
    return {
        "group": request.group_name,
        "topics": [
            {
                "topic": topic.name,
                "partitions": len(topic.partitions),
                "rules": list(rules[topic.name].values),
                "key_rules": list(rules[topic.name].keys),
            }
            for topic in facts.topics
        ],
        "from": "end" if request.from_end else "beginning",
        "to": request.dlq,
        "create_dlq": queue is not None and queue.topic is None and request.create_dlq,
        "dlq_partitions": queue.partitions if queue is not None else None,
        "dlq_replication_factor": queue.replication_factor if queue is not None else None,
        "dialect": request.dialect.value if queue is not None else None,
        "transactional_id": facts.transactional_id if queue is not None else None,
        "metrics": request.metrics,
    }


def _problems(facts: GroupWatchFacts) -> list[ClusterError]:
    request, queue = facts.request, facts.queue
    if queue is None:
        return []
    found: list[ClusterError] = []
    if queue.problem is not None:
        found.append(queue.problem)
    elif queue.topic is None and not request.create_dlq:
        found.append(UnknownTopicOrPartition(f"There is no topic {queue.name}", "Create it with --create-dlq."))
    if any(topic.name == queue.name for topic in facts.topics):
        found.append(
            RefusedHere(f"{queue.name} is watched itself: each copy would be copied again", "Name another queue.")
        )
    if queue.limits.compacts:
        message = (
            f"{queue.name} is compacted: it takes no record without a key, and keeps only the newest one of each key"
        )
        found.append(RefusedByPolicy(message, "Choose a queue whose cleanup.policy is delete."))
    if not fits_transaction(request.group_name):
        message = f"The group {name_text(request.group_name)} cannot be named in a transaction"
        found.append(RefusedHere(message, "Give it a name of printable ASCII with --group."))
    if queue.topic is not None:
        least = queue.limits.number(MIN_IN_SYNC)
        refusals = (write_refusal(partition, least) for partition in queue.topic.partitions)
        found += [one for one in refusals if one is not None]
    return found


def _cautions(queue: Queue | None) -> list[Caution]:
    if queue is None:
        return []
    found = [Caution("The source keeps its records.", "A consumer that does not know the queue still meets them.")]
    if queue.limits.stamps:
        found.append(
            Caution("The copies get new timestamps", "from the broker (LogAppendTime); a header keeps their own.")
        )
    return found
