"""One open connection: cluster, decoders, journal. What the window and the command line both stand on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from kafkaview.cluster.limit import Limit
from kafkaview.cluster.port import Cluster
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets


@dataclass(frozen=True, slots=True)
class Session:
    """Everything that one open profile holds; ends as a whole."""

    profile: ConnectionProfile
    cluster: Cluster
    decoders: TopicDecoders
    journal: Journal


@asynccontextmanager
async def open_session(
    profile: ConnectionProfile,
    secrets: Secrets | None = None,
    *,
    journal: Path | None = None,
    seconds: float | None = None,
) -> AsyncIterator[Session]:
    """Open a profile and close all of it afterwards. Opening asks nothing of the cluster yet.

    `journal` is the file to use instead of the user's own: the demo leaves no trace there. `seconds` is how long
    a call may keep a thread that closing waits for: the command line's limit.
    """
    from kafkaview.cluster.kafka import open_cluster  # heavy: the client libraries

    cluster = open_cluster(profile, secrets or Secrets(), Limit.within(seconds))
    try:
        kept = Journal(journal)
        try:
            yield Session(profile, cluster, TopicDecoders(), kept)
        finally:
            await kept.close()
    finally:
        await cluster.close()
