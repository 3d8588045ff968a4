"""Which brokers do not answer, and since when. Sends no request."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import chain
from typing import Final

from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.triage.watch.view import SilentBroker

_FENCING_MS: Final = 30_000  # a broker that is fenced has not answered for some time; no sample need have seen that


class SilentBrokers:
    """Remembers since when each broker has been silent: a broker that is fenced leaves the metadata, and is known only
    by the replicas that it holds.
    """

    def __init__(self) -> None:
        self.found: tuple[SilentBroker, ...] = ()
        self._last: dict[int, tuple[int, int]] = {}  # by broker: since when it was silent, and until when

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
        was = {one.id for one in self.found}
        self._last |= {one: (at_ms, at_ms) for one in silent | gone if not self._goes_on(one, at_ms, was, gone)}
        self._last |= {one: (self._last[one][0], at_ms) for one in silent | gone}
        self.found = tuple(SilentBroker(one, self._last[one][0], fenced=one in gone) for one in sorted(silent | gone))

    def _goes_on(self, broker: int, at_ms: int, was: Collection[int], gone: Collection[int]) -> bool:
        """Returns whether a silence is the one from before: it was not seen to end, or the broker is fenced by now, and
        only the samples between did not ask it.
        """
        if broker in was:
            return True
        return broker in gone and broker in self._last and at_ms - self._last[broker][1] <= _FENCING_MS
