"""One open connection: cluster, decoders and journal. The window and the command line both use it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kafkaview.cluster.kafka.deadline import Limit
from kafkaview.cluster.schema_registry import SchemaRegistryClient
from kafkaview.decode.choices import DecoderChoices
from kafkaview.decode.schemas import Schemas
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.author import author_of
from kafkaview.journal.entry import Author
from kafkaview.journal.store import Journal
from kafkaview.profiles.security import Secrets

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Cluster
    from kafkaview.profiles.profile import ConnectionProfile


@dataclass(frozen=True, slots=True)
class Session:
    """The parts of one open profile; they are closed together."""

    profile: ConnectionProfile
    cluster: Cluster
    decoders: TopicDecoders
    journal: Journal
    limit: Limit = field(default_factory=Limit)  # of the command line's verb; the window has none
    author: Callable[[], Author] = author_of  # who makes its writes; blocks on the files of a client certificate


@asynccontextmanager
async def open_session(
    profile: ConnectionProfile,
    secrets: Secrets | None = None,
    *,
    journal: Path | None = None,
) -> AsyncIterator[Session]:
    """Opens a profile, and closes all of it at the end. No request is sent yet. `journal` is a file in place of the
    user's own: the demo leaves nothing there.
    """
    import kafkaview.cluster.kafka.client_packages  # noqa: F401 - before anything of them is loaded

    # isort: split
    from kafkaview.cluster.kafka.cluster import open_cluster  # heavy: the client libraries

    limit = Limit()
    cluster = open_cluster(profile, secrets or Secrets(), limit)
    schemas = _open_schemas(profile, secrets or Secrets(), limit)
    try:
        kept = Journal(journal)
        try:
            decoders = TopicDecoders(schemas, DecoderChoices(profile.kept_under))
            author = partial(author_of, profile, secrets or Secrets())
            yield Session(profile, cluster, decoders, kept, limit, author)
        finally:
            await schemas.close()
            await kept.close()
    finally:
        await cluster.close()


def _open_schemas(profile: ConnectionProfile, secrets: Secrets, limit: Limit) -> Schemas:
    if profile.schema_registry is None:
        return Schemas()
    return Schemas(SchemaRegistryClient(profile.schema_registry, profile.security, secrets, lambda: limit.rest).schema)
