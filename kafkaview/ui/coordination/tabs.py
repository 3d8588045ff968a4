"""The tabs of the Coordination page, in their order."""

from __future__ import annotations

from kafkaview.ui.coordination.quorum_tab import QuorumTab
from kafkaview.ui.coordination.tab import Tab

TABS: tuple[type[Tab], ...] = (QuorumTab,)
