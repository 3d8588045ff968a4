"""Requests that the controller answers. A ZooKeeper cluster's brokers refuse them unless they are it (NOT_CONTROLLER);
those of KRaft name any live broker as the controller (KIP-500) and pass them on.
"""

from __future__ import annotations

from typing import Any, Final

from kafkaview.cluster.admin import Admin
from kafkaview.cluster.brokers import described
from kafkaview.cluster.wire import Wire

CONTROLLER_SECONDS: Final = 6.0


async def send_to_controller(admin: Admin, wire: Wire, request: Any, doing: str) -> Any:
    """Send one request to the broker that the metadata names as the controller."""
    controller = (await described(admin)).controller_id
    if controller is None:
        return await wire.send_any(request, doing)
    return await wire.send(request, controller, doing, CONTROLLER_SECONDS)
