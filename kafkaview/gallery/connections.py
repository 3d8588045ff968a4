"""Pictures of Welcome and Connections: empty, filled, and with a doctor that has found something."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kafkaview.engine.client import EngineClient
from kafkaview.engine.process import EngineProcess
from kafkaview.gallery.tour_parts import Take, wait_until
from kafkaview.profiles.profile import ConnectionProfile, Environment, SchemaRegistry
from kafkaview.profiles.security import Protocol, Sasl, SecretField, Security, Tls
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.delete_sheet import DeleteSheet
from kafkaview.ui.pages.connections.saved_connections import Book
from kafkaview.ui.window.front import Front

_STAGING = ConnectionProfile(
    "orders-staging",
    "stage-kafka.orders.invalid:9093",
    Environment.STAGING,
    security=Security(Protocol.SASL_SSL, Tls(verify_hostname=False), Sasl("SCRAM-SHA-512", username="triage-bot")),
    schema_registry=SchemaRegistry("https://registry.orders.invalid"),
)
_OTHERS = (
    ConnectionProfile("orders-eu", "kafka-1.orders.invalid:9093", Environment.PRODUCTION, read_only=True),
    ConnectionProfile("orders-us", "kafka-1.us.orders.invalid:9093", Environment.PRODUCTION, colour="#0A6B74"),
    ConnectionProfile("laptop", "localhost:9092", Environment.DEVELOPMENT),
)


async def take_connections(theme: Theme, take: Take) -> None:
    """Takes Welcome without and with connections, the form, a failed test, the small window, the confirmation."""
    async with book_of_its_own() as book:
        front = Front(theme, book)
        front.show()
        try:
            await take(front, "welcome")
            front.show_connections()
            await take(front, "connections-empty")
            front.show_welcome()
            for profile in (*_OTHERS, _STAGING):
                await book.save(profile, {})
            await book.note_use(_find_profile(book, "orders-eu"))
            await take(front, "welcome-saved")
            await _form(front, book, take)
        finally:
            await front.tasks.close()
            front.hide()
            front.deleteLater()


@asynccontextmanager
async def book_of_its_own() -> AsyncIterator[Book]:
    """Returns a list of connections in a folder of its own, so that the user's stays as it is."""
    with tempfile.TemporaryDirectory() as folder:
        client = EngineClient(lambda: EngineProcess({"XDG_CONFIG_HOME": folder}))
        client.begin()
        try:
            yield Book(lambda: client.engine)
        finally:
            await client.close()


async def _form(front: Front, book: Book, take: Take) -> None:
    page = front.connections
    front.show_connections(_find_profile(book, "orders-staging"))
    await wait_until(lambda: not front.tasks.is_running("connections.kept"))
    await take(front, "connections")
    page.editor.secrets[SecretField.SASL_PASSWORD].line.setText("shown as dots")
    page.test()
    await wait_until(lambda: page.doctor.diagnosis is not None)
    await take(front, "connections-failed")
    front.resize(1024, 700)
    await take(front, "connections-small")
    front.resize(1280, 800)
    sheet = DeleteSheet(front.theme, front, _find_profile(book, "orders-eu"))
    sheet.open()
    await take(front, "connections-delete")
    sheet.lift()


def _find_profile(book: Book, name: str) -> ConnectionProfile:
    return next(profile for profile in book.profiles if profile.name == name)
