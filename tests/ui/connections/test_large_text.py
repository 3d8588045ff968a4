"""With larger text and in a small window nothing of Welcome and Connections has to be scrolled to sideways."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea

from kafkaview.doctor.diagnosis import Cause, Diagnosis, DiagnosisLayer, DiagnosisStep
from kafkaview.profiles.connection_field import FormSection
from kafkaview.profiles.profile import ConnectionProfile, Environment, SchemaRegistry
from kafkaview.profiles.security import Certificate, OAuth, Protocol, Sasl, Secrets, Security, Tls
from kafkaview.profiles.store import ProfileStore
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.words import breakable
from kafkaview.ui.window.front import Front
from tests.kit.book import LocalBook
from tests.ui.conftest import Run, until
from tests.ui.connections.rings import MemoryRing, keyring

LONG = "/home/somebody/a/long/way/to/the/certificates-of-the-staging-cluster/ca-certificate.pem"
FULL = ConnectionProfile(
    "orders-staging",
    "stage-kafka-1.orders.example:9093,stage-kafka-2.orders.example:9093",
    Environment.STAGING,
    security=Security(
        Protocol.SASL_SSL,
        Tls(ca_file=LONG, certificate=Certificate(LONG, LONG), verify_hostname=False),
        Sasl("OAUTHBEARER", oauth=OAuth("https://idp.orders.example/oauth2/token", "triage-bot")),
    ),
    schema_registry=SchemaRegistry("https://registry.of-the-staging-cluster.orders.example:8081", "me"),
    zookeeper="zookeeper-of-the-staging-cluster.orders.example:2181/orders",
)
BROKEN = DiagnosisStep(
    DiagnosisLayer.TLS,
    "stage-kafka-1.orders.example:9093",
    ok=False,
    cause=Cause.UNKNOWN_CA,
    detail=f"The broker's certificate {'f3' * 32} is of a CA that {LONG} does not hold.",
    hint=f"Ask for its CA, or look into {LONG}.",
    field="security.tls.ca_file",
)


Look = Callable[[Front], Awaitable[None]]
OnFront = Callable[[Look, ConnectionProfile], None]


@pytest.fixture
def front(run: Run, theme: Theme, tmp_path: Path) -> OnFront:
    """Runs a look at the window with one saved connection, its form open and a test that failed."""

    async def played(look: Look, profile: ConnectionProfile) -> None:
        book = LocalBook(ProfileStore(tmp_path / "kafkaview" / "profiles.toml"), keyring(MemoryRing()))
        saved = await book.save(profile, {})
        front = Front(theme, book)

        async def diagnose(
            _profile: ConnectionProfile, _secrets: Secrets, report: Callable[[DiagnosisStep], None]
        ) -> Diagnosis:
            report(BROKEN)
            return Diagnosis((BROKEN,), Cause.UNKNOWN_CA)

        front.connections.doctor._diagnose = diagnose
        front.show()
        front.show_connections(saved)
        front.connections.editor.registry.open()
        front.connections.editor.extras.open()
        front.connections.test()
        await until(lambda: front.connections.doctor.diagnosis)
        try:
            await look(front)
        finally:
            await front.tasks.close()
            await book.close()
            front.hide()
            front.deleteLater()

    return lambda look, profile: run(played(look, profile))


@pytest.mark.parametrize("size", [(1280, 800), (1024, 700), (920, 640)], ids=str)
@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_nothing_lies_out_of_sight_at_the_right(
    front: OnFront, theme: Theme, scale: float, size: tuple[int, int]
) -> None:
    async def look(front: Front) -> None:
        theme.set_scale(scale)
        front.resize(*size)
        for page in (front.connections, front.welcome):
            front._stack.setCurrentWidget(page)
            await _settle()
            assert front.size().toTuple() == size
            for area in page.findChildren(QScrollArea):
                assert area.horizontalScrollBar().maximum() == 0, (page, area)

    front(look, FULL)
    front(look, replace(FULL, name="other", security=replace(FULL.security, protocol=Protocol.SSL)))


def test_with_large_text_the_doctor_stands_below_the_form_and_labels_above_their_fields(
    front: OnFront, theme: Theme
) -> None:
    async def look(front: Front) -> None:
        page = front.connections
        label, control, _wrong = page.editor._sections[FormSection.PROFILE]._rows["name"]
        front.resize(1280, 800)
        await _settle()
        assert page.work.orientation() is Qt.Orientation.Horizontal
        assert label.y() <= control.y() + 6
        theme.set_scale(2.0)
        await _settle()
        assert page.work.orientation() is Qt.Orientation.Vertical
        assert label.geometry().bottom() <= control.y()
        theme.set_scale(1.0)  # and back: nothing keeps its larger size
        front.resize(1024, 700)
        await _settle()
        assert page.work.orientation() is Qt.Orientation.Horizontal
        assert page.editor.horizontalScrollBar().maximum() == 0

    front(look, FULL)


def test_a_long_word_can_go_on_in_the_next_line() -> None:
    assert breakable("it is short") == "it is short"
    text = breakable(f"see {LONG}")
    assert text.replace("\N{ZERO WIDTH SPACE}", "") == f"see {LONG}"
    assert max(map(len, text.replace("\N{ZERO WIDTH SPACE}", " ").split())) <= 20


async def _settle() -> None:
    """Lets Qt lay out, but not from within a task: another one whose step comes due then would lose it."""
    for _ in range(5):
        await asyncio.sleep(0)
