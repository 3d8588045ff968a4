"""The saved connections of a test of the window."""

from __future__ import annotations

from kafkaview.engine.connection_service import ConnectionService
from kafkaview.engine.port import Engine
from kafkaview.profiles.keyring import Keyring
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.profiles.store import ProfileStore
from kafkaview.ui.pages.connections.saved_connections import Book
from tests.kit.engine import local_client, service_of


class LocalBook(Book):
    """The saved connections of a test: in a store and a keyring of its own, through an engine of its own, which begins
    with the first question.
    """

    def __init__(self, store: ProfileStore, keyring: Keyring) -> None:
        super().__init__(self._asked)
        self.store = store
        self._client = local_client(store=store, keyring=keyring)
        self._begun = False

    async def login(self, profile: ConnectionProfile) -> Secrets:
        """What the engine logs in with."""
        service = service_of(self.engine, ConnectionService)
        return await service.secrets_of(profile, self.typed_secrets(profile))

    async def close(self) -> None:
        """Ends the engine."""
        await self._client.close()

    def _asked(self) -> Engine:
        if not self._begun:
            self._begun = True
            self._client.begin()
        return self._client.engine
