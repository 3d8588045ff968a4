"""Which brokers do not answer, and since when. Sends no request."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import chain

from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.triage.watch.view import SilentBroker


class SilentBrokers:
    """Remembers since when each broker has been silent: a broker that is fenced leaves the metadata, and is known only
    by the replicas that it holds.
    """

    def __init__(self) -> None:
        self.found: tuple[SilentBroker, ...] = ()

    def take(
        self,
        at_ms: int,
        brokers: Collection[int],
        errors: Mapping[int | None, ClusterError],
        replica_sets: Collection[tuple[int, ...]],
    ) -> None:
        """Notes a sample: the brokers of the metadata, the errors of those among them that did not answer, and who
        holds replicas.
        """
        silent = {one for one, error in errors.items() if one is not None and isinstance(error, Unreachable)}
        gone = set(chain.from_iterable(replica_sets)) - set(brokers)
        before = {one.id: one.since_ms for one in self.found}
        self.found = tuple(
            SilentBroker(one, before.get(one, at_ms), fenced=one in gone) for one in sorted(silent | gone)
        )
