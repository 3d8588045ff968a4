"""Which partitions of a group may stand still though nothing says so yet: they came into sight, or the ends of their
logs, only a moment ago.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kafkaview.cluster.ports.columns import Flags
from kafkaview.triage.watch.judge import SHARE
from kafkaview.triage.watch.layout import Layout
from kafkaview.triage.watch.sample_window import SampleWindow
from kafkaview.triage.watch.tracks import NEVER, Tracks


@dataclass(frozen=True, slots=True, eq=False)
class Doubts:
    """Rows of a layout where records wait. Of those `new_in_sight` it was not seen since when they stand; where the
    logs of the others end was not known for long enough.
    """

    new_in_sight: Flags
    end_unknown: Flags

    @property
    def rows(self) -> Flags:
        """All of them."""
        either: Flags = self.new_in_sight | self.end_unknown
        return either


def find_doubts(layout: Layout, tracks: Tracks, window: SampleWindow, now_ms: int) -> Doubts:
    """Returns the doubts about the rows of the layout that the tracks have."""
    waits = (tracks.committed >= 0) & (tracks.log_end > tracks.committed)
    enough = now_ms - tracks.standing_ms >= SHARE * window.seconds * 1000
    began_seen = tracks.arrived_seen | (tracks.zero_lag_ms != NEVER)
    stand = np.flatnonzero(waits & enough)
    end_unknown = np.zeros(len(layout), np.bool_)
    end_unknown[stand] = ~window.knows_ends(layout, stand)
    return Doubts(waits & ~enough & ~began_seen, end_unknown)
