"""The fields of the lists of brokers, settings, quorum and ZooKeeper, for the window and the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.brokers import Reassignment, Setting, Synonym
from kafkaview.cluster.ports.cluster import TopicSetting
from kafkaview.cluster.ports.coordination import Feature, QuorumReplica
from kafkaview.cluster.ports.feature_levels import feature_word
from kafkaview.cluster.ports.zookeeper import ZooKeeperBroker, ZooKeeperServer
from kafkaview.coordination.balance import DirectorySize
from kafkaview.coordination.brokers import BrokerState
from kafkaview.coordination.setting_words import plain_documentation
from kafkaview.fields import FieldKind, RowField, pick, row_documents

_COUNT: Final = FieldKind.COUNT
_NO_TOPIC: Final = "no topic is seen: there is none, or none that you may describe"
_NO_VOLUME: Final = "brokers tell it since Kafka 3.3 (KIP-827)"
_NO_FETCH: Final = "it has not fetched since this leader was elected, or the release does not say"


@dataclass(frozen=True, slots=True)
class QuorumMember:
    """A replica of the metadata log, and its part in the quorum: leader, voter or observer."""

    replica: QuorumReplica
    role: str


def error_document(error: ClusterError) -> dict[str, str]:
    """Returns an error in the contract's shape."""
    return {"kind": error.kind, "message": error.message, "hint": error.hint}


def percent(share: float) -> str:
    """Returns how far above or below the even share: `+50 %`."""
    return f"{round(100 * share):+d} %" if round(100 * share) else "even"


def _directories(row: BrokerState) -> list[dict[str, Any]] | None:
    return None if row.directories is None else row_documents(DIRECTORY_FIELDS, row.directories)


def _fenced_text(row: BrokerState) -> str | None:
    fenced = row.broker.fenced if row.broker else None
    return None if fenced is None else "fenced" if fenced else "no"


def _setting_text(row: TopicSetting | Setting) -> str:
    return "hidden" if row.sensitive else "null" if row.value is None else row.value or "empty"


def _synonym(one: Synonym) -> dict[str, str | None]:
    return {"name": one.name, "value": one.value, "source": one.source}


DIRECTORY_FIELDS: Final[tuple[RowField[DirectorySize], ...]] = (
    RowField("path", lambda row: row.path, "Log directory", width=260),
    RowField("total_bytes", lambda row: row.total_bytes, "Volume", FieldKind.BYTES, width=100, unknown=_NO_VOLUME),
    RowField("free_bytes", lambda row: row.free_bytes, "Free", FieldKind.BYTES, width=100, unknown=_NO_VOLUME),
    RowField("replicas", lambda row: row.replicas, "Replicas", _COUNT, width=84),
    RowField("replicas_bytes", lambda row: row.replicas_bytes, "They hold", FieldKind.BYTES, width=120),
    RowField("error", lambda row: row.error, "Error", width=140),
)

BROKER_FIELDS: Final[tuple[RowField[BrokerState], ...]] = (
    RowField("id", lambda row: row.id, "Id", FieldKind.NUMBER, width=56),
    RowField(
        "address",
        lambda row: f"{row.broker.host}:{row.broker.port}" if row.broker else None,
        "Host",
        width=170,
        json=False,
    ),
    RowField("host", lambda row: row.broker.host if row.broker else None),
    RowField("port", lambda row: row.broker.port if row.broker else None),
    RowField("rack", lambda row: row.broker.rack if row.broker else None, "Rack", width=72),
    RowField(
        "fenced",
        lambda row: row.broker.fenced if row.broker else None,
        "Fenced",
        shown=_fenced_text,
        width=76,
        unknown="brokers tell it since Kafka 4.0 (KIP-1073), and only of those that are named",
    ),
    RowField("log_dirs", _directories),
    RowField("log_dirs_error", lambda row: error_document(row.error) if row.error else None),
)

LOAD_FIELDS: Final[tuple[RowField[BrokerState], ...]] = (
    RowField(
        "leaders", lambda row: row.load.leaders if row.load else None, "Leaders", _COUNT, width=76, unknown=_NO_TOPIC
    ),
    RowField("preferred_leaders", lambda row: row.load.preferred if row.load else None, "Preferred leaders", _COUNT),
    RowField(
        "replicas", lambda row: row.load.replicas if row.load else None, "Replicas", _COUNT, width=80, unknown=_NO_TOPIC
    ),
    RowField("out_of_sync", lambda row: row.load.out_of_sync if row.load else None, "Out of sync", _COUNT),
    RowField("used_bytes", lambda row: row.used, "Size", FieldKind.BYTES, width=90, json=False),
    RowField("free_bytes", lambda row: row.free, "Free", FieldKind.BYTES, width=90, unknown=_NO_VOLUME, json=False),
    RowField(
        "leader_skew", lambda row: row.share, "Skew", _COUNT, text=percent, width=72, unknown=_NO_TOPIC, json=False
    ),
)

REASSIGNMENT_FIELDS: Final[tuple[RowField[Reassignment], ...]] = (
    RowField("partition", lambda row: str(row.topic_partition), "Partition", width=220),
    RowField("replicas", lambda row: row.replicas, "Replicas now", FieldKind.LIST, width=140),
    RowField("adding", lambda row: row.adding, "Being added", FieldKind.LIST, width=140),
    RowField("removing", lambda row: row.removing, "Being removed", FieldKind.LIST, width=120),
)

_SETTING_FIELDS: Final[tuple[RowField[TopicSetting | Setting], ...]] = (
    RowField("name", lambda row: row.name, "Setting", width=270),
    RowField("value", lambda row: None if row.sensitive else row.value, "Value", shown=_setting_text, width=190),
    RowField(
        "source",
        lambda row: row.source,
        "Set by",
        text=lambda source: source.removesuffix("_CONFIG").replace("_", " ").lower(),
        width=150,
    ),
)

TOPIC_SETTING_FIELDS: Final[tuple[RowField[TopicSetting], ...]] = (
    *_SETTING_FIELDS,
    RowField("is_default", lambda row: row.is_default),
    RowField("sensitive", lambda row: row.sensitive),
)

BROKER_SETTING_FIELDS: Final[tuple[RowField[Setting], ...]] = (
    *_SETTING_FIELDS,
    RowField("default", lambda row: row.is_default),
    RowField("sensitive", lambda row: row.sensitive),
    RowField("read_only", lambda row: row.read_only),
    RowField(
        "documentation",
        lambda row: row.documentation,
        "Meaning",
        shown=lambda row: plain_documentation(row) or None,
        width=150,
        unknown="brokers document their settings since Kafka 2.6",
        listed=False,
    ),
    RowField("synonyms", lambda row: [_synonym(one) for one in row.synonyms]),
)

# Of a topic's settings: what it inherits stands beside its own value.
SETTING_OF_TOPIC_FIELDS: Final[tuple[RowField[Setting], ...]] = (
    *pick(BROKER_SETTING_FIELDS, "name", "value"),
    RowField(
        "inherited",
        lambda row: None if row.sensitive else row.inherited,
        "Default",
        width=130,
        unknown="the broker does not say what holds without the topic's own value",
    ),
    *pick(BROKER_SETTING_FIELDS, "source", "default", "sensitive", "read_only", "documentation", "synonyms"),
)

# A table shows levels as Kafka's own tools name them.
FEATURE_FIELDS: Final[tuple[RowField[Feature], ...]] = (
    RowField("name", lambda row: row.name, "Feature", width=240),
    RowField(
        "finalized",
        lambda row: row.finalized,
        "Finalized",
        _COUNT,
        shown=lambda row: feature_word(row.name, row.finalized),
        width=120,
    ),
    RowField("finalized_name", lambda row: feature_word(row.name, row.finalized)),
    RowField("min", lambda row: row.minimum, "Least", _COUNT, shown=lambda row: feature_word(row.name, row.minimum)),
    RowField(
        "max",
        lambda row: row.maximum,
        "Most",
        _COUNT,
        shown=lambda row: feature_word(row.name, row.maximum),
        width=200,
    ),
    RowField(
        "brokers",
        lambda row: [{"id": one, "min": low, "max": high} for one, (low, high) in sorted(row.supported.items())],
    ),
)

QUORUM_FIELDS: Final[tuple[RowField[QuorumMember], ...]] = (
    RowField("id", lambda row: row.replica.id, "Node", FieldKind.NUMBER, width=64),
    RowField("role", lambda row: row.role, "Role", width=84, json=False),
    RowField(
        "directory_id",
        lambda row: row.replica.directory_id,
        "Directory id",
        width=104,
        unknown="a static quorum names voters by their node id alone (KIP-853)",
    ),
    RowField(
        "endpoints",
        lambda row: row.replica.endpoints,
        "Endpoint",
        FieldKind.LIST,
        shown=lambda row: row.replica.endpoints or None,
        width=150,
        unknown="brokers tell the controllers' endpoints since Kafka 3.9, and none of observers",
    ),
    RowField("listeners", lambda row: tuple(map(str, row.replica.listeners)), kind=FieldKind.LIST),
    RowField(
        "log_end_offset",
        lambda row: row.replica.log_end_offset,
        "Log end offset",
        _COUNT,
        width=114,
        unknown=_NO_FETCH,
    ),
    RowField("lag", lambda row: row.replica.lag, "Lag", _COUNT, width=72, unknown=_NO_FETCH),
    RowField(
        "fetch_age_ms",
        lambda row: row.replica.fetch_age_ms,
        "Last fetch",
        FieldKind.DURATION,
        width=120,
        unknown=_NO_FETCH,
    ),
    RowField(
        "caught_up_lag_ms",
        lambda row: row.replica.caught_up_lag_ms,
        "Behind by",
        FieldKind.DURATION,
        width=104,
        unknown=_NO_FETCH,
    ),
    RowField("health", lambda row: row.replica.health.value, "Health", width=112),
    RowField("answers", lambda row: row.replica.answers),
)

SERVER_FIELDS: Final[tuple[RowField[ZooKeeperServer], ...]] = (
    RowField("server", lambda row: row.server, "Server", width=240),
    RowField("role", lambda row: row.role.value if row.role else None, "Role", width=90),
    RowField("version", lambda row: row.version, "Version", width=80),
    RowField("znodes", lambda row: row.znodes, "Znodes", _COUNT, width=80),
    RowField("watches", lambda row: row.watches, "Watches", _COUNT, width=80),
    RowField("connections", lambda row: row.connections, "Connections", _COUNT, width=92),
    RowField("outstanding", lambda row: row.outstanding, "Outstanding", _COUNT),
    RowField("avg_latency_ms", lambda row: row.avg_latency_ms, "Latency", FieldKind.DURATION, width=80),
    RowField("error", lambda row: row.error, "Error", width=150),
)

REGISTRATION_FIELDS: Final[tuple[RowField[ZooKeeperBroker], ...]] = (
    RowField("id", lambda row: row.id, "Broker", FieldKind.NUMBER, width=72),
    RowField("endpoints", lambda row: row.endpoints, "Endpoints", FieldKind.LIST, width=240),
    RowField("rack", lambda row: row.rack, "Rack", width=90),
    RowField("registered_at", lambda row: row.registered_at_ms, "Registered", FieldKind.TIME, width=150),
)
