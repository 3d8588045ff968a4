"""The columns of the tables on the Brokers tab."""

from __future__ import annotations

from kafkaview.cluster.ports.brokers import Reassignment, Setting
from kafkaview.coordination.balance import DirectorySize
from kafkaview.coordination.listed_columns import (
    BROKER_FIELDS,
    BROKER_SETTING_FIELDS,
    DIRECTORY_FIELDS,
    LOAD_FIELDS,
    REASSIGNMENT_FIELDS,
)
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Column, Look, mark_column, row_columns
from kafkaview.ui.pages.coordination.broker_rows import BrokerRow, is_full


def _no_directories(row: BrokerRow) -> str:
    return row.broker.error.message if row.broker.error is not None else "its log directories are unknown"


def _no_free(row: BrokerRow) -> str:
    return _no_directories(row) if row.broker.directories is None else "brokers tell it since Kafka 3.3 (KIP-827)"


def _lacks_rack(row: BrokerRow) -> bool:
    return row.broker.broker is not None and row.broker.broker.rack is None


BROKERS: tuple[Column[BrokerRow], ...] = (
    mark_column(lambda row: row.mark, lambda row: row.state),
    *row_columns(
        (*BROKER_FIELDS, *LOAD_FIELDS),
        {
            "id": Look[BrokerRow](strong=True),
            "address": Look[BrokerRow](mono=True, stretch=True, unknown=lambda row: row.state),
            "rack": Look[BrokerRow](
                value=lambda row: (row.broker.broker.rack or "none") if row.broker.broker is not None else None,
                italic=_lacks_rack,
            ),
            "fenced": Look[BrokerRow](
                tone=lambda row: "bad_text" if row.broker.broker and row.broker.broker.fenced else None
            ),
            "used_bytes": Look[BrokerRow](unknown=_no_directories),
            "free_bytes": Look[BrokerRow](
                tone=lambda row: "warn_text" if any(map(is_full, row.broker.directories or ())) else None,
                unknown=_no_free,
            ),
        },
        lambda row: row.broker,
    ),
)

DIRECTORIES: tuple[Column[DirectorySize], ...] = (
    mark_column(
        lambda row: Mark.BAD if row.error else Mark.WARN if is_full(row) else Mark.OK,
        lambda row: row.error or "",
        lambda row: row.error is None,
    ),
    *row_columns(
        DIRECTORY_FIELDS,
        {
            "path": Look[DirectorySize](mono=True, elide_middle=True),
            "free_bytes": Look[DirectorySize](tone=lambda row: "warn_text" if is_full(row) else None),
            "error": Look[DirectorySize](
                value=lambda row: row.error or "none",
                stretch=True,
                italic=lambda row: row.error is None,
                tone=lambda row: "bad_text" if row.error else None,
            ),
        },
    ),
)

SETTINGS: tuple[Column[Setting], ...] = row_columns(
    BROKER_SETTING_FIELDS,
    {
        "name": Look[Setting](mono=True, elide_middle=True),
        "value": Look[Setting](
            mono=True,
            italic=lambda row: row.sensitive or not row.value,
            tone=lambda row: None if row.is_default else "accent",
        ),
        "documentation": Look[Setting](stretch=True),
    },
)

REASSIGNMENTS: tuple[Column[Reassignment], ...] = row_columns(
    REASSIGNMENT_FIELDS,
    {
        "partition": Look[Reassignment](mono=True, elide_middle=True),
        "adding": Look[Reassignment](italic=lambda row: not row.adding),
        "removing": Look[Reassignment](stretch=True, italic=lambda row: not row.removing),
    },
)
