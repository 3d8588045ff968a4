"""`kafkaview configs broker|topic NAME`: settings, the source of each value, and Kafka's documentation."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from kafkaview.cli.execution import BadUsage, Json, Timeout, run
from kafkaview.cli.output import Output
from kafkaview.cluster.ports.brokers import Setting
from kafkaview.coordination.listed_columns import BROKER_SETTING_FIELDS, SETTING_OF_TOPIC_FIELDS
from kafkaview.session import Session


class ConfigOwner(StrEnum):
    """The kind of thing that has settings."""

    BROKER = "broker"
    TOPIC = "topic"


def configs(
    context: typer.Context,
    kind: Annotated[ConfigOwner, typer.Argument(help="a broker or a topic")],
    name: Annotated[str, typer.Argument(help="the broker's id, or the topic's name")],
    *,
    every: Annotated[bool, typer.Option("--all", help="include settings at their default value")] = False,
    json: Json = False,
    timeout: Timeout = None,
) -> None:
    """List the settings of a broker or a topic. Brokers never return the values of sensitive settings."""
    if kind is ConfigOwner.BROKER and not name.isdecimal():
        raise typer.BadParameter(f"a broker has a number, '{name}' is none")

    async def work(session: Session, output: Output) -> None:
        settings = await _settings(session, kind, name)
        shown = [one for one in settings if every or not one.is_default]
        fields = SETTING_OF_TOPIC_FIELDS if kind is ConfigOwner.TOPIC else BROKER_SETTING_FIELDS
        output.listing("configs", fields, shown)
        if len(shown) < len(settings) and not output.json:
            output.note(f"{len(settings) - len(shown):,} more are at their default: --all shows them")

    run(context, work, json=json, timeout=timeout)


async def _settings(session: Session, kind: ConfigOwner, name: str) -> Sequence[Setting]:
    brokers = session.cluster.brokers
    if kind is ConfigOwner.TOPIC:
        return await brokers.topic_settings(name)
    known = [broker.id for broker in await brokers.describe()]
    if int(name) not in known:
        raise BadUsage(f"There is no broker {name}: {', '.join(map(str, known))} are known")
    return await brokers.broker_settings(int(name))
