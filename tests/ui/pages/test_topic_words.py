"""What the Topics page says of all topics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kafkaview.cluster.ports.cluster import Omission
from kafkaview.ui.pages.topics.words import describe_topics
from tests.ui.pages.samples import topic, topic_columns, view

TOPICS = (topic("orders", 3), topic("bills", 1))


def test_unseen_partitions_are_not_called_healthy() -> None:
    columns, seen = topic_columns(TOPICS), view(topics=TOPICS)
    assert describe_topics(columns, seen) == "2 topics, every partition has its leader and replicas"
    hidden = replace(seen, omissions=frozenset({Omission.TOPICS}))
    assert describe_topics(columns, hidden) == "2 topics, you may not see all topics"
    silent = replace(columns, records_complete=np.array([True, False]))
    assert describe_topics(silent, seen) == "2 topics, 1 with a leader that does not answer"
