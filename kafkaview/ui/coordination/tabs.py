"""The tabs of the Coordination page, in their order."""

from __future__ import annotations

from kafkaview.ui.coordination.brokers_tab import BrokersTab
from kafkaview.ui.coordination.features_tab import FeaturesTab
from kafkaview.ui.coordination.quorum_tab import QuorumTab
from kafkaview.ui.coordination.tab import Tab
from kafkaview.ui.coordination.transactions_tab import TransactionsTab
from kafkaview.ui.coordination.zookeeper_tab import ZooKeeperTab

TABS: tuple[type[Tab], ...] = (QuorumTab, FeaturesTab, BrokersTab, TransactionsTab, ZooKeeperTab)
