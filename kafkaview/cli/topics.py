"""`kafkaview topics`, `topic NAME` and `topics statistics|create|delete|...`: the topics, one in full, its writes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from kafkaview.cli.execution import Json, Timeout, run
from kafkaview.cli.groups import say_unseen
from kafkaview.cli.output import Output
from kafkaview.cli.topic_rules import topic_rules_verb
from kafkaview.cli.topic_statistics import topic_statistics_verb
from kafkaview.cli.writes import Write, write_verb
from kafkaview.cluster.errors import ClusterError, attempt
from kafkaview.fields import row_documents
from kafkaview.terms import UNKNOWN_OFFSETS

if TYPE_CHECKING:
    from kafkaview.session import Session


topics_app = typer.Typer(help="List the topics; count, create, change and delete one.", add_completion=False)

TopicName = Annotated[str, typer.Argument(help="the topic")]


@topics_app.callback(invoke_without_command=True)
def topics(context: typer.Context, *, json: Json = False, timeout: Timeout = None) -> None:
    """List the topics with partitions, replicas, records and size."""
    if context.invoked_subcommand is None:
        run(context, _topics, json=json, timeout=timeout)


@topics_app.command("create")
@write_verb
def create_topic(
    topic: TopicName,
    *,
    partitions: Annotated[
        int | None, typer.Option("--partitions", min=1, help="how many; the cluster's default without it")
    ] = None,
    replication_factor: Annotated[
        int | None, typer.Option("--replication-factor", min=1, help="replicas of each; the cluster's default without")
    ] = None,
    config: Annotated[
        list[str] | None, typer.Option("--config", metavar="NAME=VALUE", help="a setting; may be repeated")
    ] = None,
) -> Write:
    """Create a topic. What the controller would refuse is said before."""
    from kafkaview.writes.topics.creation import NewTopic, plan_create_topic

    new = NewTopic(topic, partitions, replication_factor, _settings(config or ()))
    return Write(lambda session: plan_create_topic(session, new))


@topics_app.command("delete")
@write_verb
def delete_topic(topic: TopicName) -> Write:
    """Delete a topic with its records."""
    from kafkaview.writes.topics.deletion import plan_delete_topic

    return Write(lambda session: plan_delete_topic(session, topic))


@topics_app.command("add-partitions")
@write_verb
def add_partitions(
    topic: TopicName,
    *,
    to: Annotated[int, typer.Option("--to", min=1, help="how many it shall have in all")],
) -> Write:
    """Give a topic more partitions. The records of a key go to another one from then on."""
    from kafkaview.writes.topics.partitions import plan_add_partitions

    return Write(lambda session: plan_add_partitions(session, topic, to))


@topics_app.command("empty")
@write_verb
def empty_topic(
    topic: TopicName,
    *,
    partition: Annotated[
        list[int] | None, typer.Option("--partition", metavar="N", min=0, help="only this one; may be repeated")
    ] = None,
    before: Annotated[
        str, typer.Option("--before", metavar="OFFSET|@TIME|end", help="delete the records before this")
    ] = "end",
) -> Write:
    """Delete the records of a topic before an offset or a time, or all of them."""
    from kafkaview.writes.topics.emptying import EmptyingRequest, parse_before, plan_empty_topic

    try:
        place = parse_before(before)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    request = EmptyingRequest(topic, place, tuple(sorted(set(partition))) if partition else None)
    return Write(lambda session: plan_empty_topic(session, request))


@topics_app.command("set")
@write_verb
def set_settings(
    topic: TopicName,
    settings: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...", help="settings with their new values")],
) -> Write:
    """Change settings of a topic. `kafkaview configs topic TOPIC` lists them with Kafka's documentation."""
    from kafkaview.writes.topics.settings import plan_set_settings

    values = _settings(settings)
    return Write(lambda session: plan_set_settings(session, topic, values))


@topics_app.command("reset")
@write_verb
def reset_settings(
    topic: TopicName,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="the settings")],
) -> Write:
    """Take a topic's own values away: those of the cluster hold then."""
    from kafkaview.writes.topics.settings import plan_reset_settings

    wanted = tuple(dict.fromkeys(names))
    return Write(lambda session: plan_reset_settings(session, topic, wanted))


@topics_app.command("undo")
@write_verb
def undo_topic_change(
    entry: Annotated[int, typer.Argument(metavar="ID", help="the number of the journal entry")],
) -> Write:
    """Undo a creation, while the topic is empty, or a change of settings, while they stand as written."""
    from kafkaview.writes.topics.undo import plan_undo_of_topic

    return Write(lambda session: plan_undo_of_topic(session, entry))


topics_app.command("statistics")(topic_statistics_verb)
topics_app.command("rules")(topic_rules_verb)


def topic(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="the topic")],
    *,
    json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Show one topic with its partitions and settings. A partition has its leader, replicas and offsets."""
    run(context, lambda session, output: _topic(session, output, name), json=json, timeout=timeout)


def _settings(texts: Sequence[str]) -> dict[str, str]:
    from kafkaview.writes.topics.settings import parse_settings

    try:
        return parse_settings(texts)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


async def _topics(session: Session, output: Output) -> None:
    from kafkaview.columns import column_documents, column_rows
    from kafkaview.coordination.listed_columns import error_document
    from kafkaview.triage.watch.blind_spots import topic_gaps
    from kafkaview.triage.watch.listed_columns import TOPIC_FIELDS
    from kafkaview.triage.watch.sampler import Sampler
    from kafkaview.triage.watch.summaries import topic_columns

    sampler = Sampler(session.cluster)
    omissions, _ = await asyncio.gather(session.cluster.omissions(), sampler.ask_topics())
    hidden = [one for one in omissions if one.of_topics]
    assert sampler.table is not None
    columns = topic_columns(sampler.table, sampler.bounds, sampler.sizes, None, {}, sampler.moves)
    if not columns.names:
        from kafkaview.security.hidden_rows import TOPICS

        say_unseen(session, output, TOPICS)
    unseen = topic_gaps(sampler, hidden)
    if output.json:
        errors = [error_document(one.as_error()) for one in hidden]
        document = {"topics": column_documents(TOPIC_FIELDS, columns), "errors": errors}
        output.document({**document, **output.unseen(unseen)})
    else:
        output.field_table(TOPIC_FIELDS, column_rows(TOPIC_FIELDS, columns))
        output.unseen(unseen)


async def _topic(session: Session, output: Output, name: str) -> None:
    from kafkaview.cluster.ports.unseen import Unseen
    from kafkaview.columns import column_documents
    from kafkaview.coordination.listed_columns import TOPIC_SETTING_FIELDS
    from kafkaview.coordination.replica_moves import any_out_of_sync, read_moves
    from kafkaview.triage.watch.blind_spots import silent_leaders
    from kafkaview.triage.watch.listed_columns import PARTITION_FIELDS, TOPIC_FIELDS, PartitionRow
    from kafkaview.triage.watch.summaries import single_topic

    found = await session.cluster.topic(name)
    moves = await read_moves(session.cluster, out_of_sync=any_out_of_sync([found]))
    offsets, sizes, settings = await asyncio.gather(
        session.cluster.offsets([partition.topic_partition for partition in found.partitions]),
        attempt(session.cluster.topic_sizes),
        attempt(lambda: session.cluster.topic_settings(name)),
    )
    found = found if isinstance(moves, ClusterError) else moves.add_to(found)
    known_sizes = {} if isinstance(sizes, ClusterError) else sizes
    rows = [
        PartitionRow(one, offsets.get(one.topic_partition, UNKNOWN_OFFSETS), known_sizes.get(one.topic_partition))
        for one in found.partitions
    ]
    configs = None if isinstance(settings, ClusterError) else settings
    errors = {"reassignments": moves, "sizes": sizes, "settings": settings}
    unseen = [
        *silent_leaders(one.partition.leader for one in rows if one.offsets.log_end_offset is None),
        *(Unseen(what, error) for what, error in errors.items() if isinstance(error, ClusterError)),
    ]
    if output.json:
        (head,) = column_documents(TOPIC_FIELDS, single_topic(found, rows))
        partitions = row_documents(PARTITION_FIELDS, rows)
        written = None if configs is None else row_documents(TOPIC_SETTING_FIELDS, configs)
        output.document({**head, "partitions": partitions, "configs": written, **output.unseen(unseen)})
        return
    output.listing("partitions", PARTITION_FIELDS, rows, unseen)
    for one in configs or ():
        if not one.is_default:
            output.say(f"{one.name} = {'(kept back)' if one.sensitive else one.value}")
