"""Changing who votes in the metadata quorum (KIP-853): the port over its voters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class VoterEndpoint:
    """Where a controller listens for the others."""

    listener: str
    host: str
    port: int

    @property
    def address(self) -> str:
        """`HOST:PORT`, an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        """As Kafka's settings and tools write it."""
        return f"{self.listener}://{self.address}"


class VotersPort(Protocol):
    """The port over the quorum's voters; both writes need ALTER on the cluster, kraft.version 1 and Kafka 3.9."""

    async def controller_addresses(self, addresses: Collection[str]) -> Mapping[int, str]:
        """Where every controller listens, voter or not, by id, asked of the controllers at those addresses (KIP-919,
        Kafka 3.7); empty where there is no way to them.
        """
        ...

    async def add_voter(self, voter: int, directory_id: str, endpoints: Sequence[VoterEndpoint]) -> None:
        """Let a controller vote that follows as an observer. A write."""
        ...

    async def remove_voter(self, voter: int, directory_id: str) -> None:
        """Let a voter vote no more. A write."""
        ...
