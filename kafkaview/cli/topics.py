"""`kafkaview topics` and `kafkaview topic NAME`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from kafkaview.cli.documents import partition_document, setting_document, topic_document
from kafkaview.cli.execution import Json, Timeout, run
from kafkaview.cli.groups import say_unseen
from kafkaview.cli.output import Output, OutputColumn
from kafkaview.cluster.errors import ClusterError

if TYPE_CHECKING:
    from kafkaview.session import Session


def topics(context: typer.Context, *, json: Json = False, timeout: Timeout = None) -> None:
    """Every topic: partitions, replicas, records, size."""
    run(context, _topics, json=json, timeout=timeout)


def topic(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="the topic")],
    *,
    json: Json = False,
    timeout: Timeout = None,
) -> None:
    """One topic: its partitions with leader, replicas and offsets, and its settings."""
    run(context, lambda session, output: _topic(session, output, name), json=json, timeout=timeout)


async def _topics(session: Session, output: Output) -> None:
    from kafkaview.cli.listings import topic_rows
    from kafkaview.triage.watch.sampler import Sampler
    from kafkaview.triage.watch.summaries import topic_columns

    sampler = Sampler(session.cluster)
    await sampler.ask_topics()
    assert sampler.table is not None
    rows = topic_rows(topic_columns(sampler.table, sampler.bounds, sampler.sizes, None, {}))
    if not rows:
        from kafkaview.security.hidden_rows import TOPICS

        say_unseen(session, output, TOPICS)
    if output.json:
        output.document({"topics": rows})
        return
    columns = ("Topic", "Partitions", "Replicas", "Under-replicated", "Offline", "Records, about", "Bytes")
    names = ("topic", "partitions", "replication_factor", "under_replicated", "offline", "records_upper_bound")
    output.table(
        [OutputColumn(title, number=title != "Topic") for title in columns],
        [[*(row[name] for name in names), row["size_bytes"]] for row in rows],
    )


async def _topic(session: Session, output: Output, name: str) -> None:
    from kafkaview.triage.watch.sampler import attempt

    found = await session.cluster.topic(name)
    offsets, sizes, settings = await asyncio.gather(
        session.cluster.offsets([partition.topic_partition for partition in found.partitions]),
        attempt(session.cluster.topic_sizes),
        attempt(lambda: session.cluster.topic_settings(name)),
    )
    known_sizes = {} if isinstance(sizes, ClusterError) else sizes
    rows = [partition_document(partition, offsets, known_sizes) for partition in found.partitions]
    if isinstance(settings, ClusterError):
        output.note(f"Its settings were not told: {settings}")
    if output.json:
        configs = None if isinstance(settings, ClusterError) else [setting_document(one) for one in settings]
        output.document({**topic_document(found, offsets, known_sizes), "partitions": rows, "configs": configs})
        return
    lists = ("replicas", "isr")
    numbers = ("partition", "leader", "log_start_offset", "log_end_offset", "last_stable_offset", "size_bytes")
    titles = ("Partition", "Leader", "Log start", "Log end", "Last stable", "Bytes")
    output.table(
        [*(OutputColumn(title, number=True) for title in titles), OutputColumn("Replicas"), OutputColumn("In sync")],
        [[*(row[name] for name in numbers), *(", ".join(map(str, row[name])) for name in lists)] for row in rows],
    )
    if not isinstance(settings, ClusterError):
        for one in settings:
            if not one.is_default:
                output.say(f"{one.name} = {'(kept back)' if one.sensitive else one.value}")
