"""The Topics page in words. No Qt here."""

from __future__ import annotations

import numpy as np

from kafkaview.cluster.ports.cluster import Omission
from kafkaview.triage.watch.sample_arrays import TopicColumns
from kafkaview.triage.watch.view import View
from kafkaview.ui.pages.topics.rows import is_a_broker_silent
from kafkaview.words import number, plural


def describe_topics(topics: TopicColumns, view: View) -> str:
    """Returns the first line of the page. That all is well is said of nothing that could not be seen."""
    ordinary = int(np.count_nonzero(~topics.internal))
    unknown, moving = topics.under_replicated < 0, int(topics.moving[topics.moving > 0].sum())
    offline, behind = int(topics.offline.sum()), int(topics.under_replicated[~unknown].sum())
    said = [plural(ordinary, "topic")]
    if offline:
        said.append(f"{plural(offline, 'partition')} without a leader")
    if behind:
        said.append(f"{number(behind)} under-replicated")
    if unknown.any():
        late = plural(int(topics.out_of_sync[unknown].sum()), "partition")
        said.append(f"{late} with replicas out of sync, missing or being added")
    if moving:
        said.append(f"{number(moving)} being moved")
    silent = int(np.count_nonzero((topics.partitions > 0) & (topics.offline == 0) & ~topics.records_complete))
    if silent and view.judged:
        said.append(f"{number(silent)} with a leader that does not answer")
    if Omission.TOPICS in view.omissions:
        said.append("you may not see all topics")
    elif Omission.UNKNOWN_TOPICS in view.omissions:
        said.append("whether all topics are shown is unknown")
    elif not offline and not behind and not unknown.any() and not silent and not is_a_broker_silent(view):
        said.append("every partition has its leader and replicas")
    return ", ".join(said)
