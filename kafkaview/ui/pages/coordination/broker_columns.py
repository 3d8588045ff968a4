"""What the tables of the Brokers tab show."""

from __future__ import annotations

from kafkaview.cluster.ports.brokers import Reassignment, Setting
from kafkaview.coordination.balance import DirectorySize
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Align, Column
from kafkaview.ui.pages.coordination.broker_rows import BrokerRow, is_full, percent
from kafkaview.words import DASH, size

_NO_TOPIC = "no topic is seen: there is none, or none that you may describe"
_TONED = (Mark.BAD, Mark.WARN)


def _untold(row: BrokerRow) -> str:
    return row.error.message if row.error is not None else "its log directories are not told"


BROKERS: tuple[Column[BrokerRow], ...] = (
    Column(
        "",
        lambda row: row.state,
        text=lambda row: row.state,
        mark=lambda row: row.mark,
        align=Align.CENTER,
        width=36,
        tip=lambda row: row.state,
    ),
    Column("Id", lambda row: row.id, text=lambda row: str(row.id), width=56, strong=True),
    Column(
        "Host",
        lambda row: f"{row.machine.host}:{row.machine.port}" if row.machine is not None else None,
        width=170,
        mono=True,
        stretch=True,
        unknown=lambda row: row.state,
    ),
    Column(
        "Rack",
        lambda row: (row.machine.rack or "none") if row.machine is not None else None,
        width=72,
        italic=lambda row: row.machine is not None and row.machine.rack is None,
    ),
    Column(
        "Fenced",
        lambda row: None if row.fenced == DASH else row.fenced,
        width=76,
        tone=lambda row: "bad_text" if row.fenced == "fenced" else None,
        unknown=lambda _row: "brokers tell it since Kafka 4.0 (KIP-1073), and only of those that are named",
    ),
    Column(
        "Leaders",
        lambda row: row.load.leaders if row.load is not None else None,
        align=Align.RIGHT,
        width=76,
        unknown=lambda _row: _NO_TOPIC,
    ),
    Column(
        "Replicas",
        lambda row: row.load.replicas if row.load is not None else None,
        align=Align.RIGHT,
        width=80,
        unknown=lambda _row: _NO_TOPIC,
    ),
    Column("Size", lambda row: row.used, text=lambda row: size(row.used), align=Align.RIGHT, width=90, unknown=_untold),
    Column(
        "Free",
        lambda row: row.free,
        text=lambda row: size(row.free),
        align=Align.RIGHT,
        width=90,
        tone=lambda row: "warn_text" if any(map(is_full, row.directories or ())) else None,
        unknown=lambda row: _untold(row) if row.directories is None else "brokers tell it since Kafka 3.3 (KIP-827)",
    ),
    Column(
        "Skew",
        lambda row: row.share,
        text=lambda row: percent(row.share),
        align=Align.RIGHT,
        width=72,
        tip=lambda row: f"its leaders against the even share: {percent(row.share)}",
        unknown=lambda _row: _NO_TOPIC,
    ),
)

DIRECTORIES: tuple[Column[DirectorySize], ...] = (
    Column(
        "",
        lambda row: row.error is None,
        text=lambda row: row.error or "",
        mark=lambda row: Mark.BAD if row.error else Mark.WARN if is_full(row) else Mark.OK,
        align=Align.CENTER,
        width=36,
    ),
    Column("Log directory", lambda row: row.path, mono=True, width=260, elide_middle=True),
    Column("Replicas", lambda row: row.replicas, align=Align.RIGHT, width=84),
    Column("They hold", lambda row: row.replicas_bytes, text=lambda row: size(row.replicas_bytes), align=Align.RIGHT),
    Column(
        "Volume",
        lambda row: row.total_bytes,
        text=lambda row: size(row.total_bytes),
        align=Align.RIGHT,
        width=100,
        unknown=lambda _row: "brokers tell it since Kafka 3.3 (KIP-827)",
    ),
    Column(
        "Free",
        lambda row: row.free_bytes,
        text=lambda row: size(row.free_bytes),
        align=Align.RIGHT,
        width=100,
        tone=lambda row: "warn_text" if is_full(row) else None,
        unknown=lambda _row: "brokers tell it since Kafka 3.3 (KIP-827)",
    ),
    Column(
        "Error",
        lambda row: row.error or "none",
        width=140,
        stretch=True,
        italic=lambda row: row.error is None,
        tone=lambda row: "bad_text" if row.error else None,
    ),
)


def _value(row: Setting) -> str:
    return "hidden" if row.sensitive else "null" if row.value is None else row.value or "empty"


SETTINGS: tuple[Column[Setting], ...] = (
    Column("Setting", lambda row: row.name, mono=True, width=270, elide_middle=True),
    Column(
        "Value",
        _value,
        mono=True,
        width=190,
        italic=lambda row: row.sensitive or not row.value,
        tone=lambda row: None if row.is_default else "accent",
        tip=lambda row: "Kafka never tells it" if row.sensitive else _value(row),
    ),
    Column("Set by", lambda row: row.source.removesuffix("_CONFIG").replace("_", " ").lower(), width=150),
    Column(
        "Meaning",
        lambda row: row.documentation,
        width=150,
        stretch=True,
        unknown=lambda _row: "brokers document their settings since Kafka 2.6",
    ),
)

REASSIGNMENTS: tuple[Column[Reassignment], ...] = (
    Column("Partition", lambda row: str(row.topic_partition), mono=True, width=220, elide_middle=True),
    Column("Replicas now", lambda row: _ids(row.replicas), width=140),
    Column("Being added", lambda row: _ids(row.adding), width=140, italic=lambda row: not row.adding),
    Column("Being removed", lambda row: _ids(row.removing), stretch=True, italic=lambda row: not row.removing),
)


def _ids(brokers: tuple[int, ...]) -> str:
    return ", ".join(map(str, brokers)) or "none"
