"""Plans that abort a transaction which hangs on a partition, as Kafka's own `kafka-transactions abort` does."""

from __future__ import annotations

from dataclasses import replace

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds, RefusedHere
from kafkaview.cluster.leaders import find_silence
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.security import Operation
from kafkaview.cluster.ports.transactions import OpenTransaction, ProducerState
from kafkaview.command_words import command_words
from kafkaview.terms import TopicPartition
from kafkaview.writes.plan import Caution, ChangePlan, ChangeRow

_MARKER = Caution(
    "What the producer wrote on this partition since then stays invisible to read_committed consumers for good.",
    "An abort marker is never taken back.",
)


async def plan_abort(
    cluster: Cluster, partition: TopicPartition, producer_id: int, start_offset: int | None = None
) -> ChangePlan:
    """Plans to abort what a producer has open on one partition; `start_offset`, if given, has to be where it began. A
    transaction that its coordinator still holds can be aborted too, with a caution: its other partitions stay open.
    Raises RefusedHere if nothing is open there, NotAuthorized, Unreachable.
    """
    state = await _open_state(cluster, partition, producer_id)
    if state is None:
        raise RefusedHere(
            f"Producer {producer_id} has no transaction open on {partition}.",
            "Look again: it may have been ended meanwhile.",
        )
    if start_offset not in (None, state.transaction_start_offset):
        raise RefusedHere(
            f"The transaction of producer {producer_id} on {partition} began at offset "
            f"{state.transaction_start_offset}, not at {start_offset}.",
            "Look again: another one may have begun meanwhile.",
        )
    missing = await cluster.security.missing_rights(Operation.ALTER, Operation.CLUSTER_ACTION)
    return replace(_plan(state, await _cautions(cluster, state)), problems=missing)


def _plan(state: ProducerState, cautions: tuple[Caution, ...]) -> ChangePlan:
    where, producer, start = state.topic_partition, state.producer_id, state.transaction_start_offset

    async def write(cluster: Cluster) -> None:
        await cluster.transactions.abort(state)

    async def check(cluster: Cluster) -> None:
        now = await _open_state(cluster, where, producer)
        if now is None or _identity(now) != _identity(state):
            raise PlanNoLongerHolds(
                f"The transaction of producer {producer} on {where} is not the same any more; nothing was written.",
                "Look at the open transactions again.",
            )

    async def verify(cluster: Cluster) -> str:
        return await _doubt(cluster, state)

    return ChangePlan(
        kind="transactions.abort",
        title=f"Abort the transaction of producer {producer} on {where}, open since offset {start}",
        deed="Abort 1 transaction",
        subject=where.topic,
        rows=(
            ChangeRow(f"Producer {producer}, epoch {state.producer_epoch}", f"open since offset {start}", "aborted"),
            ChangeRow(f"Last stable offset of {where}", str(start), "moves on"),
        ),
        command=command_words(
            ["transactions", "abort"], [str(where)], [f"--producer-id={producer}", f"--start-offset={start}"]
        ),
        document={
            "partition": str(where),
            "producer_id": producer,
            "producer_epoch": state.producer_epoch,
            "coordinator_epoch": state.coordinator_epoch,
            "start_offset": start,
        },
        write=write,
        check=check,
        verify=verify,
        cautions=cautions,
    )


async def _open_state(cluster: Cluster, partition: TopicPartition, producer_id: int) -> ProducerState | None:
    states = (await cluster.transactions.producers([partition]))[partition]
    if isinstance(states, ClusterError):
        raise states
    mine = (one for one in states if one.producer_id == producer_id and one.transaction_start_offset is not None)
    return next(mine, None)


def _identity(state: ProducerState) -> tuple[int, int | None]:
    return state.producer_epoch, state.transaction_start_offset


async def _cautions(cluster: Cluster, state: ProducerState) -> tuple[Caution, ...]:
    try:
        transactions = await cluster.transactions.transactions()
    except ClusterError as error:
        return (_MARKER, _not_seen(error))
    held = [one for one in transactions.open if one.producer_id == state.producer_id]
    if any(state.topic_partition in one.partitions for one in held):
        return (_MARKER, _still_held(held[0]))
    return (_MARKER, *(_not_seen(error) for error in transactions.errors[:1]))


def _still_held(transaction: OpenTransaction) -> Caution:
    return Caution(
        "It can tear a transaction apart: aborted here, and committed on its other partitions.",
        f"Its coordinator, broker {transaction.coordinator}, still holds {transaction.transactional_id} as "
        f"{transaction.state} and ends it by itself at its time-out.",
    )


def _not_seen(error: ClusterError) -> Caution:
    return Caution("Its coordinator may still hold it.", f"Not every transaction could be seen: {error.message}.")


async def _doubt(cluster: Cluster, state: ProducerState) -> str:
    where, start = state.topic_partition, state.transaction_start_offset
    now = await _open_state(cluster, where, state.producer_id)
    if now is not None and _identity(now) == _identity(state):
        return f"The transaction of producer {state.producer_id} on {where} is still open."
    stable = (await cluster.offsets([where]))[where].last_stable_offset
    if stable is None:
        raise await find_silence(cluster, where)
    if start is not None and stable <= start:
        return f"The last stable offset of {where} still stands at {stable}: an earlier transaction holds it."
    return ""
