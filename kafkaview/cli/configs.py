"""`kafkaview configs broker|topic NAME`: settings, where each value comes from, and what Kafka says of it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from kafkaview.cli.execution import BadUsage, Json, Timeout, run
from kafkaview.cli.output import Output, OutputColumn
from kafkaview.cluster.ports.brokers import Setting
from kafkaview.session import Session

_HIDDEN = "(sensitive)"


class ConfigOwner(StrEnum):
    """Whose settings."""

    BROKER = "broker"
    TOPIC = "topic"


def configs(
    context: typer.Context,
    kind: Annotated[ConfigOwner, typer.Argument(help="broker or topic")],
    name: Annotated[str, typer.Argument(help="the broker's id, or the topic's name")],
    *,
    every: Annotated[bool, typer.Option("--all", help="those at their default too")] = False,
    json: Json = False,
    timeout: Timeout = None,
) -> None:
    """The settings of a broker or a topic. The values of sensitive ones are told by no broker."""
    if kind is ConfigOwner.BROKER and not name.isdecimal():
        raise typer.BadParameter(f"a broker has a number, {name!r} is none")

    async def work(session: Session, output: Output) -> None:
        told = await _settings(session, kind, name)
        shown = [one for one in told if every or not one.is_default]
        if output.json:
            output.document({"configs": [_document(one) for one in shown]})
        else:
            _print(output, shown, len(told))

    run(context, work, json=json, timeout=timeout)


async def _settings(session: Session, kind: ConfigOwner, name: str) -> Sequence[Setting]:
    machines = session.cluster.machines
    if kind is ConfigOwner.TOPIC:
        return await machines.topic_settings(name)
    known = [machine.id for machine in await machines.machines()]
    if int(name) not in known:
        raise BadUsage(f"There is no broker {name}: {', '.join(map(str, known))} are known")
    return await machines.broker_settings(int(name))


def _document(one: Setting) -> dict[str, Any]:
    return {
        "name": one.name,
        "value": one.value,
        "source": one.source,
        "default": one.is_default,
        "sensitive": one.sensitive,
        "read_only": one.read_only,
        "documentation": one.documentation,
        "synonyms": [{"name": other.name, "value": other.value, "source": other.source} for other in one.synonyms],
    }


def _print(output: Output, shown: Sequence[Setting], total: int) -> None:
    output.table(
        [OutputColumn("Setting"), OutputColumn("Value"), OutputColumn("From")],
        [[one.name, _HIDDEN if one.sensitive else one.value, one.source] for one in shown],
    )
    if len(shown) < total:
        output.note(f"{total - len(shown):,} more are at their default: --all shows them")
