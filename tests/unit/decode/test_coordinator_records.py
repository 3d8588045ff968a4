"""The records of Kafka's own topics, in every version of their layout."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from kafkaview.decode.coordinator_fields import in_versions
from kafkaview.decode.coordinator_records import CoordinatorRecord
from kafkaview.decode.result import Decoded, Surroundings, Undecodable

TOPIC_ID = bytes(range(16))


def text(value: str) -> bytes:
    return struct.pack(">h", len(value)) + value.encode()


COMMIT_KEY = b"\x00\x01" + text("g") + text("orders") + struct.pack(">i", 3)
GROUP_KEY = b"\x00\x02" + text("g")
TRANSACTION_KEY = b"\x00\x00" + text("t-1")
SHARE_KEY = b"\x00\x00" + text("g") + TOPIC_ID + struct.pack(">i", 3)


def decode(topic: str, key: bytes | None, data: bytes, field: str = "value") -> Decoded | Undecodable:
    return CoordinatorRecord().within(Surroundings(topic, key)).decode(data, field)


def fields(topic: str, key: bytes, data: bytes, field: str = "value") -> Any:
    found = decode(topic, key, data, field)
    assert isinstance(found, Decoded), found
    assert isinstance(found.value, dict)
    return found.value["data"]


@pytest.mark.parametrize(
    ("topic", "key", "data"),
    [
        ("__consumer_offsets", COMMIT_KEY, {"group": "g", "topic": "orders", "partition": 3}),
        ("__consumer_offsets", GROUP_KEY, {"group": "g"}),
        ("__transaction_state", TRANSACTION_KEY, {"transactionalId": "t-1"}),
        (
            "__share_group_state",
            SHARE_KEY,
            {"groupId": "g", "topicId": "AAECAwQFBgcICQoLDA0ODw", "partition": 3},
        ),
    ],
)
def test_a_key_is_shown(topic: str, key: bytes, data: dict[str, object]) -> None:
    assert fields(topic, key, key, "key") == data


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (
            struct.pack(">hq", 0, 7) + text("m") + struct.pack(">q", 5),
            {"offset": 7, "metadata": "m", "commitTimestamp": 5},
        ),
        (
            struct.pack(">hq", 1, 7) + text("") + struct.pack(">qq", 5, 6),
            {"offset": 7, "metadata": "", "commitTimestamp": 5, "expireTimestamp": 6},
        ),
        (
            struct.pack(">hqi", 3, 7, 2) + text("") + struct.pack(">q", 5),
            {"offset": 7, "leaderEpoch": 2, "metadata": "", "commitTimestamp": 5},
        ),
        (
            b"\x00\x04" + struct.pack(">qi", 7, 2) + b"\x02m" + struct.pack(">q", 5)
            + b"\x02\x00\x10" + TOPIC_ID + b"\x09\x01\xff",
            {"offset": 7, "leaderEpoch": 2, "metadata": "m", "commitTimestamp": 5,
             "topicId": "AAECAwQFBgcICQoLDA0ODw", "tag 9": "/w=="},
        ),
    ],
)  # fmt: skip
def test_a_committed_offset_is_shown_in_each_version(value: bytes, shown: dict[str, object]) -> None:
    assert fields("__consumer_offsets", COMMIT_KEY, value) == shown


def test_a_groups_members_are_shown() -> None:
    member = text("m-1") + b"\xff\xff" + text("c") + text("/host") + struct.pack(">ii", 60, 10)
    member += struct.pack(">i", 2) + b"\x00\x01" + struct.pack(">i", 0)
    value = (
        b"\x00\x03" + text("consumer") + struct.pack(">i", 4) + text("range") + text("m-1") + struct.pack(">qi", 9, 1)
    )
    assert fields("__consumer_offsets", GROUP_KEY, value + member) == {
        "protocolType": "consumer",
        "generation": 4,
        "protocol": "range",
        "leader": "m-1",
        "currentStateTimestamp": 9,
        "members": [
            {
                "memberId": "m-1",
                "groupInstanceId": None,
                "clientId": "c",
                "clientHost": "/host",
                "rebalanceTimeout": 60,
                "sessionTimeout": 10,
                "subscription": "AAE=",
                "assignment": "",
            }
        ],
    }


def test_a_transaction_is_shown_in_each_version() -> None:
    common = {"producerId": 1, "producerEpoch": 2, "transactionTimeoutMs": 60, "transactionStatus": 4}
    times = {"transactionLastUpdateTimestampMs": 8, "transactionStartTimestampMs": 9}
    plain = struct.pack(">hqhibi", 0, 1, 2, 60, 4, -1) + struct.pack(">qq", 8, 9)
    assert fields("__transaction_state", TRANSACTION_KEY, plain) == {**common, "transactionPartitions": None, **times}
    flexible = struct.pack(">hqhib", 1, 1, 2, 60, 4) + b"\x02\x02t\x02\x00\x00\x00\x05\x00" + struct.pack(">qq", 8, 9)
    tagged = flexible + b"\x02\x01\x08" + struct.pack(">q", 77) + b"\x02\x02\x00\x02"
    assert fields("__transaction_state", TRANSACTION_KEY, tagged) == {
        **common,
        "transactionPartitions": [{"topic": "t", "partitionIds": [5]}],
        **times,
        "nextProducerId": 77,
        "clientTransactionVersion": 2,
    }


def test_the_state_of_a_share_group_is_shown() -> None:
    batch = struct.pack(">qqbh", 5, 9, 2, 1) + b"\x00"
    value = struct.pack(">hiiiqqq", 0, 1, 2, 3, 5, 10, 11) + b"\x02" + batch + b"\x01\x00\x04" + struct.pack(">i", 4)
    assert fields("__share_group_state", SHARE_KEY, value) == {
        "snapshotEpoch": 1,
        "stateEpoch": 2,
        "leaderEpoch": 3,
        "startOffset": 5,
        "createTimestamp": 10,
        "writeTimestamp": 11,
        "stateBatches": [{"firstOffset": 5, "lastOffset": 9, "deliveryState": 2, "deliveryCount": 1}],
        "deliveryCompleteCount": 4,
    }


@pytest.mark.parametrize(
    ("data", "reason", "position", "judged"),
    [
        (b"", "the value is empty: 0 bytes", None, True),
        (b"\x00", "byte 0 of the value: the bytes end inside the version of the record of 2 bytes", 0, True),
        (b"\x00\x09", "version 9 of OffsetCommitValue are not known here: a later release may write them", 0, False),
        (b"\xff\xff", "version -1 of OffsetCommitValue", 0, False),
        (struct.pack(">hq", 3, 7), "the bytes end inside leaderEpoch (leaderEpoch)", 9, True),
        (struct.pack(">hqih", 3, 7, 2, 900), "metadata has a length of 900, 0 bytes are left (metadata)", 14, True),
        (struct.pack(">hqih", 3, 7, 2, 1) + b"\xff", "it is in a string and not UTF-8 (metadata)", 16, True),
        (struct.pack(">hqi", 3, 7, 2) + text("") + struct.pack(">qb", 5, 1), "the record has ended", 24, True),
    ],
)
def test_where_it_breaks_is_named(data: bytes, reason: str, position: int | None, judged: bool) -> None:  # noqa: FBT001
    found = decode("__consumer_offsets", COMMIT_KEY, data)
    assert isinstance(found, Undecodable)
    assert reason in found.reason
    assert (found.position, found.judged) == (position, judged)


def test_kinds_of_a_later_release_are_not_judged() -> None:
    found = decode("__consumer_offsets", None, b"\x00\x63", "key")
    assert isinstance(found, Undecodable)
    assert (found.reason, found.judged) == (
        "records of the kind 99 are not known here: a later release may write them",
        False,
    )
    found = decode("orders", None, b"{}")
    assert isinstance(found, Undecodable)
    assert found.reason.startswith("orders is none of Kafka's own topics: __consumer_offsets")
    assert not found.judged


@pytest.mark.parametrize(
    ("version", "versions", "there"),
    [(0, "0", True), (1, "0", False), (3, "1-4", True), (5, "1-4", False), (9, "2+", True), (1, "2+", False),
     (0, "none", False)],
)  # fmt: skip
def test_versions_are_read_as_kafka_writes_them(version: int, versions: str, there: bool) -> None:  # noqa: FBT001
    assert in_versions(version, versions) is there
