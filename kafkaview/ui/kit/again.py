"""What failed because a broker or the engine did not answer, and is done again once they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.engine.messages import EngineLost

_PAUSE_MS: Final = 1_000
_LONGEST_PAUSE_MS: Final = 60_000


class Again:
    """Waits before it tries again, longer each time: the sample which says that brokers answer may be older than the
    failure.
    """

    def __init__(self) -> None:
        self._do: Callable[[], object] | None = None
        self._failed_at_ms = 0
        self._pause_ms = _PAUSE_MS

    def note_failure(self, error: ClusterError, do: Callable[[], object]) -> None:
        """Notes what is to be done again, where the error is one that goes by itself."""
        if isinstance(error, Unreachable | EngineLost):
            self.note(do)

    def note(self, do: Callable[[], object]) -> None:
        """Notes what is to be done again."""
        self._do = do
        self._failed_at_ms, self._pause_ms = now_ms(), min(2 * self._pause_ms, _LONGEST_PAUSE_MS)

    def note_success(self) -> None:
        """Forgets how often it has failed."""
        self._do, self._pause_ms = None, _PAUSE_MS

    def forget(self) -> None:
        """Does not do it again: something else is done."""
        self._do = None

    def go_on(self) -> None:
        """Does it again, now that brokers answer."""
        do = self._do
        if do is not None and now_ms() - self._failed_at_ms >= self._pause_ms:
            self._do = None
            do()
