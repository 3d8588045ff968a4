"""What brokers leave out of their lists, where a question about it is not answered."""

from __future__ import annotations

from typing import Any, cast

import pytest
from kafka.protocol.metadata import MetadataRequest  # type: ignore[import-untyped]

from kafkaview.cluster.errors import Unreachable
from kafkaview.cluster.kafka.omissions import Omissions
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.cluster import Omission
from kafkaview.cluster.ports.unseen import UnseenKind
from kafkaview.triage.watch.blind_spots import list_gaps
from kafkaview.triage.watch.unseen import say_health


class HalfSilentWire:
    """Answers the question about topics, that all of them may be seen, and none about groups unless it `speaks`."""

    def __init__(self) -> None:
        self.speaks = False

    async def send_any(self, request: Any, doing: str) -> Any:
        if isinstance(request, MetadataRequest):
            return type("Answer", (), {"topics": [type("Topic", (), {"error_code": 3})]})
        if self.speaks:
            return type("Answer", (), {"groups": [type("Group", (), {"error_code": 0})]})
        raise Unreachable(f"{doing}: no answer")


async def test_a_question_that_nobody_answered_is_unknown_and_asked_again() -> None:
    wire = HalfSilentWire()
    omissions = Omissions(cast("BrokerRequests", wire))
    assert await omissions.find() == {Omission.UNKNOWN_GROUPS}
    wire.speaks = True
    assert await omissions.find() == set()
    wire.speaks = False
    omissions.forget()
    assert await omissions.find() == set(), "what was last known"


@pytest.mark.parametrize("omission", [Omission.UNKNOWN_GROUPS, Omission.UNKNOWN_TOPICS])
def test_nothing_is_called_healthy_where_it_is_unknown_what_is_hidden(omission: Omission) -> None:
    (gap,) = list_gaps({}, {omission})
    assert gap.document() == {
        "group": None,
        "coordinator": None,
        "reason": f"could not find out whether any {omission.value.removesuffix('s')} is hidden",
        "kind": "silent",
    }
    assert say_health(3, [gap]) == f"No group of the 3 seen is stuck; other groups could not be seen: {gap.reason}"
    assert gap.kind is UnseenKind.SILENT
