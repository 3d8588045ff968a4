"""The port over the voters of the metadata quorum (KIP-853)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class VoterEndpoint:
    """The address where a controller listens for the other controllers."""

    listener: str
    host: str
    port: int

    @property
    def address(self) -> str:
        """Returns `HOST:PORT`, an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        """Returns the endpoint as Kafka's settings and tools write it."""
        return f"{self.listener}://{self.address}"


class VotersPort(Protocol):
    """The port over the quorum's voters; both writes need ALTER on the cluster, kraft.version 1 and Kafka 3.9."""

    async def controller_addresses(self, addresses: Collection[str]) -> Mapping[int, str]:
        """Returns the address of every controller by id, voter or not, from the controllers at those addresses
        (KIP-919, Kafka 3.7); empty where none can be reached.
        """
        ...

    async def add_voter(self, voter: int, directory_id: str, endpoints: Sequence[VoterEndpoint]) -> None:
        """Makes a voter of a controller that follows as an observer. A write."""
        ...

    async def remove_voter(self, voter: int, directory_id: str) -> None:
        """Removes a voter. A write."""
        ...
