"""Requests that change the voters. Brokers forward them to the quorum's leader."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from kafkaview.cluster.errors import UnsupportedByBroker
from kafkaview.cluster.kafka.controllers import list_controllers
from kafkaview.cluster.kafka.messages.voters import AddRaftVoterRequest, RemoveRaftVoterRequest
from kafkaview.cluster.kafka.quorum_answer import directory_of
from kafkaview.cluster.kafka.refusals import ALTER, refusal
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.voters import VoterEndpoint

# The leader answers an added voter when a majority has the new set: it allows itself this long, we a little longer.
_LEADER_MS: Final = 5_000
_SECONDS: Final = 8.0


class KafkaVoters:
    """The voters of a quorum of real controllers."""

    def __init__(self, wire: BrokerRequests) -> None:
        self._wire = wire

    async def controller_addresses(self, addresses: Collection[str]) -> Mapping[int, str]:
        """Sends DescribeCluster (60) to the controllers."""
        found = await list_controllers(self._wire, addresses)
        return {one.id: one.endpoints[0] for one in found}

    async def add_voter(self, voter: int, directory_id: str, endpoints: Sequence[VoterEndpoint]) -> None:
        """Sends AddRaftVoter (80)."""
        listeners = [AddRaftVoterRequest.Listener(name=one.listener, host=one.host, port=one.port) for one in endpoints]
        request = AddRaftVoterRequest(
            cluster_id=None,
            timeout_ms=_LEADER_MS,
            voter_id=voter,
            voter_directory_id=directory_of(directory_id),
            listeners=listeners,
        )
        await self._change(request, f"letting controller {voter} vote")

    async def remove_voter(self, voter: int, directory_id: str) -> None:
        """Sends RemoveRaftVoter (81)."""
        request = RemoveRaftVoterRequest(cluster_id=None, voter_id=voter, voter_directory_id=directory_of(directory_id))
        await self._change(request, f"letting controller {voter} vote no more")

    async def _change(self, request: Any, doing: str) -> None:
        # Only once: a second broker would be asked for a change that the first may have made.
        broker = await self._wire.answering_broker(doing)
        answer = await self._wire.send_aside(request, broker, doing, _SECONDS)
        if answer.error_code:
            refused = refusal(answer.error_code, doing, ALTER, answer.error_message)
            if isinstance(refused, UnsupportedByBroker):
                refused.hint = "Voters can be changed from kraft.version 1 on (Kafka 3.9)."
            raise refused
