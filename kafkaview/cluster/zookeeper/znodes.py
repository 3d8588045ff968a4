"""The content of Kafka's nodes in ZooKeeper (`core/.../zk/ZkData.scala`, 3.9), with secrets masked.

A node that does not have the expected form is None, because another release may write another form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kafkaview.cluster.damage import DAMAGE
from kafkaview.cluster.ports.zookeeper import MigrationRecord, ZooKeeperBroker
from kafkaview.cluster.sentinel import none_if_negative

CONTROLLER: Final = "/controller"
CONTROLLER_EPOCH: Final = "/controller_epoch"
BROKERS: Final = "/brokers/ids"
MIGRATION: Final = "/migration"
CLUSTER_ID: Final = "/cluster/id"
FEATURE: Final = "/feature"
# What of Kafka's may be shown; delegation tokens may not, and a ZooKeeper without chroot has other owners' nodes too.
READABLE: Final = (
    *("/admin", "/brokers", "/cluster", "/config", "/consumers", "/controller", "/controller_epoch", "/feature"),
    *("/isr_change_notification", "/kafka-acl", "/kafka-acl-extended", "/latest_producer_id_block", "/migration"),
)
MASK: Final = "(hidden)"
_SECRET: Final = re.compile(r"password|secret|jaas|hmac|token|credential|keystore\.key|private", re.IGNORECASE)
_BITS: Final = 64
_ITERATIONS: Final = re.compile(r"\biterations=(\d+)")


@dataclass(frozen=True, slots=True)
class ControllerNode:
    """`/controller`: the broker id, and the KRaft controller epoch (None while it is a ZooKeeper broker)."""

    id: int
    kraft_epoch: int | None


def controller_of(data: bytes) -> ControllerNode | None:
    """Parses `{"version":2,"brokerid":1,"timestamp":"..","kraftControllerEpoch":-1}`; the epoch came with KIP-866."""
    fields = _fields(data)
    holder = _number(fields.get("brokerid"))
    return (
        None
        if holder is None
        else ControllerNode(holder, none_if_negative(_number(fields.get("kraftControllerEpoch"))))
    )


def epoch_of(data: bytes) -> int | None:
    """Parses `/controller_epoch`, a number as text."""
    return _number_from_zero(data)


def broker_of(broker: str, data: bytes, created_ms: int) -> ZooKeeperBroker | None:
    """Parses `/brokers/ids/N`; `created_ms` is the node's creation by ZooKeeper's clock, when the session began."""
    fields, number = _fields(data), _number_from_zero(broker.encode(errors="replace"))
    endpoints, rack = fields.get("endpoints"), fields.get("rack")
    if number is None:
        return None
    return ZooKeeperBroker(
        number,
        tuple(map(_text, endpoints)) if isinstance(endpoints, list) else (),
        None if rack is None else _text(rack),
        created_ms,
    )


def migration_of(data: bytes) -> MigrationRecord | None:
    """Parses `/migration`, version 0."""
    fields = _fields(data)
    names = ("kraft_controller_id", "kraft_controller_epoch", "kraft_metadata_offset", "kraft_metadata_epoch")
    numbers = [_number(fields.get(name)) for name in names]
    return None if None in numbers else MigrationRecord(*(number for number in numbers if number is not None))


def cluster_id_of(data: bytes) -> str | None:
    """Parses `/cluster/id`."""
    cluster_id = _fields(data).get("id")
    return _text(cluster_id) if isinstance(cluster_id, str) else None


def is_readable(path: str) -> bool:
    """Returns whether a node's text may be shown."""
    return ".." not in path and any(path == root or path.startswith(root + "/") for root in READABLE)


def mask_secrets(path: str, data: bytes) -> str:
    """Returns a node's text with every secret masked: SCRAM credentials (not their iterations), passwords, keys,
    tokens.
    """
    text = data.decode(errors="replace")
    try:
        held = json.loads(text)
        return json.dumps(_mask(held), indent=2) if isinstance(held, dict | list) else text
    except DAMAGE:
        return MASK if text and path.startswith("/config/") else text


def _mask(held: Any, name: str = "") -> Any:
    if isinstance(held, Mapping):
        return {str(key): _mask(value, str(key)) for key, value in held.items()}
    if isinstance(held, list):
        return [_mask(value, name) for value in held]
    if name.startswith("SCRAM-"):
        iterations = _ITERATIONS.search(str(held))
        return f"{MASK}, iterations={iterations.group(1)}" if iterations else MASK
    return MASK if isinstance(held, str) and _SECRET.search(name) else held


def _fields(data: bytes) -> Mapping[str, Any]:
    held = _parse(data)
    return held if isinstance(held, dict) else {}


def _parse(data: bytes) -> Any:
    try:
        return json.loads(data)
    except DAMAGE:
        return None


def _number(value: Any) -> int | None:
    """Returns a number of at most 64 bits, as Kafka's are."""
    return value if type(value) is int and value.bit_length() < _BITS else None


def _number_from_zero(data: bytes) -> int | None:
    return none_if_negative(_number(_parse(data)))


def _text(value: Any) -> str:
    """Returns a text that can be encoded; JSON may hold a lone surrogate."""
    return str(value).encode(errors="replace").decode()
