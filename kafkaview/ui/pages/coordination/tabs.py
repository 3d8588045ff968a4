"""The tabs of the Coordination page, in their order."""

from __future__ import annotations

from kafkaview.ui.pages.coordination.brokers_tab import BrokersTab
from kafkaview.ui.pages.coordination.features_tab import FeaturesTab
from kafkaview.ui.pages.coordination.quorum_tab import QuorumTab
from kafkaview.ui.pages.coordination.tab import Tab
from kafkaview.ui.pages.coordination.transactions_tab import TransactionsTab
from kafkaview.ui.pages.coordination.zookeeper_tab import ZooKeeperTab

TABS: tuple[type[Tab], ...] = (QuorumTab, FeaturesTab, BrokersTab, TransactionsTab, ZooKeeperTab)
