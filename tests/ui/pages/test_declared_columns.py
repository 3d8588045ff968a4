"""A Kafka fact that a table of the window shows is declared, and under the name that the command line prints."""

from __future__ import annotations

from typing import Any, Final

import orjson
import pytest

from kafkaview.columns import column_documents
from kafkaview.coordination import listed_columns as coordination
from kafkaview.fields import RowField
from kafkaview.security import listed_columns as security
from kafkaview.triage.watch import listed_columns as watch
from kafkaview.triage.watch.transactions import TRANSACTION_FIELDS
from kafkaview.ui.kit.health_sight import HealthSight
from kafkaview.ui.kit.tables import Column
from kafkaview.ui.kit.tables.copying import as_json
from kafkaview.ui.pages.coordination import broker_columns, zookeeper_columns
from kafkaview.ui.pages.coordination.column_looks import NODES
from kafkaview.ui.pages.coordination.transaction_columns import transaction_columns
from kafkaview.ui.pages.coordination.transaction_rows import HeldUp
from kafkaview.ui.pages.groups.column_looks import MEMBERS, OFFSETS, group_columns, partition_columns
from kafkaview.ui.pages.groups.rows import GroupRows
from kafkaview.ui.pages.security import column_looks as security_columns
from kafkaview.ui.pages.topics import column_looks as topics
from tests.ui.pages.samples import group_view, topic, view

TABLES: Final[dict[str, tuple[tuple[Column[Any], ...], tuple[RowField[Any], ...]]]] = {
    "topics": (topics.TOPICS, watch.TOPIC_FIELDS),
    "partitions": (topics.partition_columns(lambda: True), watch.PARTITION_FIELDS),
    "topic settings": (topics.SETTINGS, coordination.SETTING_OF_TOPIC_FIELDS),
    "readers": (topics.reader_columns(lambda: HealthSight.NOW), watch.READER_FIELDS),
    "groups": (group_columns(lambda _group: (), str), watch.GROUP_FIELDS),
    "offsets": (OFFSETS, watch.LAG_FIELDS),
    "lag": (partition_columns(lambda _row: False), watch.LAG_FIELDS),
    "members": (MEMBERS, watch.MEMBER_FIELDS),
    "brokers": (broker_columns.BROKERS, (*coordination.BROKER_FIELDS, *coordination.LOAD_FIELDS)),
    "directories": (broker_columns.DIRECTORIES, coordination.DIRECTORY_FIELDS),
    "broker settings": (broker_columns.SETTINGS, coordination.BROKER_SETTING_FIELDS),
    "reassignments": (broker_columns.REASSIGNMENTS, coordination.REASSIGNMENT_FIELDS),
    "quorum": (NODES, coordination.QUORUM_FIELDS),
    "servers": (zookeeper_columns.SERVERS, coordination.SERVER_FIELDS),
    "registrations": (zookeeper_columns.REGISTRATIONS, coordination.REGISTRATION_FIELDS),
    "transactions": (transaction_columns(lambda _row: HeldUp(None, ())), TRANSACTION_FIELDS),
    "acls": (security_columns.ACLS, security.ACL_FIELDS),
    "users": (security_columns.USERS, security.USER_FIELDS),
    "quotas": (security_columns.QUOTAS, security.QUOTA_FIELDS),
    "tokens": (security_columns.TOKENS, security.token_fields(lambda: 0)),
    "certificates": (security_columns.certificate_columns(lambda: 0), security.certificate_fields(lambda: 0)),
}
OWN_WORDS: Final = {
    "",
    "Lag over time",
    "Stands",
    "Session age",
    "Its time-out ends it",
    "Holds up",
}  # no fact of Kafka's


@pytest.mark.parametrize("table", TABLES)
def test_a_column_shows_a_declared_field(table: str) -> None:
    columns, fields = TABLES[table]
    declared = {field.name for field in fields}
    assert len(declared) == len(fields)
    assert {column.title for column in columns if column.field not in declared} <= OWN_WORDS


@pytest.mark.parametrize("table", sorted(TABLES.keys() - {"offsets", "lag"}))  # those are two parts of one declaration
def test_a_field_with_a_width_has_its_column(table: str) -> None:
    columns, fields = TABLES[table]
    assert {field.name for field in fields if field.width} == {column.field for column in columns} - {""}


def test_a_new_field_of_columns_is_a_column_of_both_by_itself() -> None:
    here = view((group_view("billing", {"orders:3": 18_442}),), topics=(topic("orders", 4),))
    assert here.groups is not None
    rows = GroupRows(here, here.groups)
    (copied,) = orjson.loads(as_json(TABLES["groups"][0], [rows[0]]))
    (printed,) = column_documents(watch.GROUP_FIELDS, here.groups)
    assert copied["protocol"] == printed["protocol"] == "range"
    assert {name: printed[name] for name in copied} == copied


@pytest.mark.parametrize("table", TABLES)
def test_a_partition_keeps_its_number_where_its_topic_is_cut(table: str) -> None:
    columns, _fields = TABLES[table]
    cut = {column.title for column in columns if column.title == "Partition" and not column.elide_middle}
    assert not cut or table == "partitions"  # there it is the number alone
