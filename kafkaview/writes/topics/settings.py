"""Planning to change the settings of a topic, or to reset them to the cluster's."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Self

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds, RefusedHere, attempt
from kafkaview.cluster.ports.brokers import Setting
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.names import check_name
from kafkaview.command_words import command_words
from kafkaview.terms import Topic
from kafkaview.words import join_names, plural
from kafkaview.writes.plan import Caution, ChangePlan, ChangeRow
from kafkaview.writes.topic_ids import read_topic_ids
from kafkaview.writes.topics.facts import check_same_topic, refuse_sensitive

if TYPE_CHECKING:
    from kafkaview.session import Session

SETTINGS: Final = "topics.settings"  # the kind in the journal
_AGAIN: Final = "Nothing was written. Make a new plan."
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,20}", re.ASCII)
_FRACTION: Final = re.compile(r"[+-]?([0-9]{1,20}[.][0-9]{0,20}|[.][0-9]{1,20})", re.ASCII)
_RETENTION: Final = ("retention.ms", "retention.bytes", "local.retention.ms", "local.retention.bytes")


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A topic's own value of a setting before and after; None is "no own value": the cluster's holds."""

    name: str
    before: str | None
    after: str | None

    def document(self) -> dict[str, str | None]:
        """Returns the change as JSON, as the journal keeps it."""
        return {"name": self.name, "before": self.before, "after": self.after}

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Self:
        """Returns the change of a journal's JSON."""
        return cls(document["name"], document["before"], document["after"])

    @property
    def back(self) -> SettingChange:
        """The change that undoes this one."""
        return SettingChange(self.name, self.after, self.before)


def parse_settings(texts: Iterable[str]) -> dict[str, str]:
    """Returns the values of NAME=VALUE texts by name; a value may be empty. Raises ValueError."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise ValueError(f"A setting is written NAME=VALUE, not '{text}'")
        if name in found:
            raise ValueError(f"{name} is set twice")
        found[name] = value
    return found


def same_value(one: str | None, other: str | None) -> bool:
    """Returns whether two values of a setting are the same to a broker, which tells values as it has read them: `TRUE`
    as `true`, `compact, delete` as `compact,delete`, `007` as `7`, `0.50` as `0.5`. None is no value of its own.
    """
    if one is None or other is None:
        return one is other
    return _read_parts(one) == _read_parts(other)


def _read_parts(value: str) -> list[str | float]:
    return [_read_part(part.strip()) for part in value.split(",")]


def _read_part(part: str) -> str | float:
    if _WHOLE.fullmatch(part):
        return int(part)
    if _FRACTION.fullmatch(part):
        return float(part)
    return part.lower() if part.lower() in ("true", "false") else part


def check_settings(values: Mapping[str, str | None]) -> None:
    """Raises RefusedHere for a name or a value that Kafka's protocol cannot carry."""
    for name, value in values.items():
        check_name("The setting", name)
        check_name(f"The value of {name}", value or "")


async def plan_set_settings(session: Session, topic: str, values: Mapping[str, str]) -> ChangePlan:
    """Plans to set settings of a topic. Raises UnknownTopicOrPartition, and RefusedHere for a sensitive one."""
    words = [f"{name}={value}" for name, value in values.items()]
    return await _plan(session, topic, values, command_words(("topics", "set"), [topic, *words]))


async def plan_reset_settings(session: Session, topic: str, names: Collection[str]) -> ChangePlan:
    """Plans to take a topic's own values away: the cluster's hold then. Raises as `plan_set_settings` does."""
    values = dict.fromkeys(names)
    return await _plan(session, topic, values, command_words(("topics", "reset"), [topic, *values]))


async def plan_changes(
    session: Session, topic: str, changes: Sequence[SettingChange], command: tuple[str, ...]
) -> ChangePlan:
    """Plans changes whose `before` is known; a topic that stands otherwise by now is a problem of the plan."""
    plan = await _plan(session, topic, {one.name: one.after for one in changes}, command)
    stands = {one["name"]: one["before"] for one in plan.document["settings"]}
    moved = [one for one in changes if not same_value(stands[one.name], one.before)]
    if not moved:
        return plan
    now = _own_text(stands[moved[0].name])
    error = PlanNoLongerHolds(f"{moved[0].name} of {topic} was changed since: it is {now}", "Nothing was written.")
    return replace(plan, problems=(error, *plan.problems))


async def _plan(session: Session, name: str, values: Mapping[str, str | None], command: tuple[str, ...]) -> ChangePlan:
    check_settings(values)
    cluster = session.cluster
    topic = await cluster.topic(name)
    topic_id = (await read_topic_ids(cluster, [name])).get(name)
    standing = {one.name: one for one in await cluster.brokers.topic_settings(name)}
    refuse_sensitive(values, [one.name for one in standing.values() if one.sensitive])
    changes = [SettingChange(one, own_value(standing.get(one)), value) for one, value in values.items()]
    settings = {one.name: one.after for one in changes}

    async def write(cluster: Cluster) -> None:
        await cluster.topic_changes.change_settings(name, settings)

    async def check(cluster: Cluster) -> None:
        await check_same_topic(cluster, name, topic_id)
        now = {one.name: one for one in await cluster.brokers.topic_settings(name)}
        for one in changes:
            if not same_value(own_value(now.get(one.name)), one.before):
                own = _own_text(own_value(now.get(one.name)))
                raise PlanNoLongerHolds(f"{one.name} of {name} was changed meanwhile: it is {own}", _AGAIN)

    async def verify(cluster: Cluster) -> str:
        now = {one.name: one for one in await cluster.brokers.topic_settings(name)}
        other = [one.name for one in changes if not same_value(own_value(now.get(one.name)), one.after)]
        return f"Not as planned yet: {join_names(other)}." if other else ""

    resets = all(one.after is None for one in changes)
    return ChangePlan(
        kind=SETTINGS,
        title=f"{'Reset' if resets else 'Change'} {_what(list(settings))} of {name}",
        deed=f"{'Reset' if resets else 'Change'} {plural(len(changes), 'setting')}",
        subject=name,
        rows=tuple(_row(one, standing.get(one.name)) for one in changes),
        command=command,
        document={"topic": name, "topic_id": topic_id, "settings": [one.document() for one in changes]},
        write=write,
        check=check,
        verify=verify,
        cautions=_cautions(topic, changes, standing),
        problems=await _problems(cluster, name, changes),
        undoable=True,
    )


async def _problems(cluster: Cluster, topic: str, changes: Sequence[SettingChange]) -> tuple[ClusterError, ...]:
    if all(same_value(one.before, one.after) for one in changes):
        one = changes[0]
        has = "has no value of its own for" if one.after is None else "has this value already for"
        return (RefusedHere(f"{topic} {has} {_what([one.name for one in changes])}"),)
    refused = await attempt(
        lambda: cluster.topic_changes.draft_settings(topic, {one.name: one.after for one in changes})
    )
    return (refused,) if isinstance(refused, ClusterError) else ()


def own_value(setting: Setting | None) -> str | None:
    """Returns a topic's own value of a setting; None where the cluster's holds."""
    return setting.value if setting is not None and setting.of_the_topic else None


def _own_text(value: str | None) -> str:
    return "the cluster's" if value is None else value or "empty"


def _inherited_text(setting: Setting | None) -> str:
    if setting is None:
        return "unknown"
    value = setting.inherited
    return "the cluster's" if value is None else f"{value or 'empty'} (the cluster's)"


def _row(change: SettingChange, setting: Setting | None) -> ChangeRow:
    before, after = (
        _inherited_text(setting) if value is None else value or "empty" for value in (change.before, change.after)
    )
    return ChangeRow(change.name, before, after)


def _what(names: Sequence[str]) -> str:
    return join_names(names) if len(names) <= 2 else plural(len(names), "setting")


def _cautions(topic: Topic, changes: Sequence[SettingChange], standing: Mapping[str, Setting]) -> tuple[Caution, ...]:
    """Returns what the changes lead to that an undo does not take back, or that stops writers."""
    found = []
    if topic.internal:
        found.append(Caution("This topic is Kafka's own.", "Brokers keep their state in it."))
    for one in changes:
        setting = standing.get(one.name)
        inherited = setting.inherited if setting is not None else None
        before, after = (inherited if value is None else value for value in (one.before, one.after))
        caution = _caution(topic, one.name, before, after)
        found += [caution] if caution is not None else []
    return tuple(found)


def _caution(topic: Topic, name: str, before: str | None, after: str | None) -> Caution | None:
    if name in _RETENTION and _is_less(after, before):
        return Caution(
            "Older records are deleted soon, for good.",
            f"{name} gets smaller: brokers delete what lies beyond it within minutes, and an undo brings none back.",
        )
    if name in _RETENTION and after is None:
        return Caution(
            "Older records may be deleted soon, for good.", f"What the cluster has for {name} is not known here."
        )
    if name == "cleanup.policy" and after is not None and before is not None:
        gained = set(_read_parts(after)) - set(_read_parts(before))
        if "compact" in gained:
            return Caution(
                "Records without a key are refused, and only the newest of each key is kept.",
                "Compaction deletes the others, and an undo brings none back.",
            )
        if "delete" in gained:
            return Caution("Records beyond the retention are deleted.", "So far only compaction took some.")
    if name == "min.insync.replicas" and _is_less(str(topic.replication_factor or ""), after):
        replicas = plural(topic.replication_factor or 0, "replica")
        return Caution("Producers with acks=all can no longer write.", f"The topic has {replicas} each.")
    if name == "max.message.bytes" and _is_less(after, before):
        return Caution("Producers of larger records are refused.", f"{name} gets smaller.")
    return None


def _is_less(one: str | None, other: str | None) -> bool:
    """Whether a limit is smaller than another; -1 is no limit. Texts that are no numbers are not."""
    try:
        small, large = int(one or ""), int(other or "")
    except ValueError:
        return False
    return small != -1 and (large == -1 or small < large)
