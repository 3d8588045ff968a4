"""The Security page on a broker that guards itself, by real clicks: what is seen and changed, what nobody is told."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget

from kafkaview.cluster.ports.security import Operation, QuotaEntity, Resource, ResourceType
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.security.decision import AclQuestion
from kafkaview.session import Session, open_session
from kafkaview.ui.kit.controls import Button, Text
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import QueryState
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.kit.tasks import Tasks
from kafkaview.ui.kit.theme import Theme, ThemeMode
from kafkaview.ui.pages.security.acl_sheet import AclSheet
from kafkaview.ui.pages.security.page import SecurityPage
from kafkaview.ui.pages.security.parts import READS, Part
from kafkaview.ui.pages.security.quota_sheet import QuotaSheet
from kafkaview.ui.pages.security.user_sheet import UserSheet
from kafkaview.ui.writes.plan_dialog import PlanDialog
from tests.broker.engines import opened_engine
from tests.broker.secure_kafka import TOPIC, SecureKafka
from tests.kit.patience import patience
from tests.kit.windowed import click, pumped

PASSWORD = "typed-3Qinto-a-field"  # noqa: S105  # of a user of this run
Way = tuple[ConnectionProfile, Secrets]


async def until(condition: Callable[[], object], seconds: float = 40) -> None:
    async with asyncio.timeout(patience(seconds)):
        while not condition():  # noqa: ASYNC110 - a widget has no event for it
            await asyncio.sleep(0.02)


def write(line: QWidget, text: str) -> None:
    """Over what stands in it."""
    assert line.isVisible()
    field = line if isinstance(line, QLineEdit) else line.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    field.selectAll()
    QTest.keyClicks(field, text)


class Seen:
    """A window with the page, and a session beside it that sees the same cluster and journal."""

    def __init__(self, page: SecurityPage, session: Session, tasks: Tasks) -> None:
        self.page = page
        self.session = session
        self.tasks = tasks

    def press(self, part: Part, title: str) -> None:
        """A button of a part, after bringing that to the front."""
        click(self.page.tabs.segments._buttons[part.value])
        click(next(b for b in self.page.rooms[part].findChildren(Button) if b.text() == title and b.isVisible()))

    def words(self, part: Part) -> str:
        seen = self.page.rooms[part].front
        return "\n".join(label.text() for label in seen.findChildren(Text)) if seen is not None else ""

    async def read(self) -> None:
        """Every part has told, or has been refused."""
        await until(lambda: not any(self.tasks.is_running(f"security.{part.value}") for part in READS))
        assert set(READS) <= {*self.page.rows, *self.page.refused}

    async def carry_out(self) -> str:
        """Agree to the plan that is shown; what came of it."""
        await until(lambda: isinstance(Veil.over(self.page.window()), PlanDialog))
        dialog = Veil.over(self.page.window())
        assert isinstance(dialog, PlanDialog)
        await until(lambda: not self.tasks.is_running("change.plan"))
        assert dialog.preview.isVisible(), dialog.outcome.text.text()
        click(dialog.ask.confirm)
        await until(dialog.outcome.isVisible)
        said = dialog.outcome.title.text()
        click(dialog.ask.cancel)  # it reads Close now
        await self.read()
        return said


@asynccontextmanager
async def seen(app: QApplication, way: Way, folder: Path) -> AsyncIterator[Seen]:
    window = QWidget()
    tasks = Tasks(window)
    profile, secrets = way
    journal = folder / "journal.sqlite"
    async with (
        open_session(profile, secrets, journal=journal) as session,
        opened_engine(profile, secrets, journal) as client,
        pumped(app),
    ):
        context = Context(Theme(ThemeMode.LIGHT), tasks, profile, client.engine, lambda _place: None, window)
        page = SecurityPage(context)
        page.setParent(window)
        for widget in (window, page):
            widget.resize(1280, 800)
        window.show()
        made = Seen(page, session, tasks)
        try:
            await made.read()
            yield made
            assert window.isVisible()
        finally:
            await tasks.close()
            window.hide()
            window.deleteLater()


@pytest.fixture
def root(secure_kafka: SecureKafka) -> Way:
    """A super user's way in."""
    return secure_kafka.way("PLAINTEXT")


async def test_every_part_shows_what_the_broker_tells_alice(
    qapp: QApplication, secure_kafka: SecureKafka, tmp_path: Path
) -> None:
    alice = secure_kafka.way("SASL_SSL", mechanism="PLAIN")
    async with seen(qapp, alice, tmp_path) as at:
        security = at.session.cluster.security
        assert set(at.page.acls.model.rows) == set(await security.acls())
        assert {row.user for row in at.page.users.model.rows} >= {"alice", "nobody", "a=b,c"}
        assert set(at.page.quotas.model.rows) == set(await security.quotas())
        assert not at.page.refused
        left = next(column for column in at.page.certificates.model.columns if column.title == "Days left")
        days = {row.listener: left.reads(row) for row in at.page.certificates.model.rows}
        assert days["SASL_SSL"][0].isdecimal()
        assert days["EXPIRED"][0] in "-\N{MINUS SIGN}"
        assert days["PLAINTEXT"] == "\N{EN DASH}"
        assert set(secure_kafka.ports) <= set(days)
        at.page.question.ask(AclQuestion("User:alice", Operation.READ, Resource(ResourceType.TOPIC, TOPIC)))
        assert at.page.question.words.word.text() == "Yes"


async def test_a_preset_is_created_turns_the_answer_and_is_deleted_again(
    qapp: QApplication, root: Way, tmp_path: Path
) -> None:
    who = f"User:{uuid.uuid4().hex[:8]}"
    question = AclQuestion(who, Operation.READ, Resource(ResourceType.TOPIC, TOPIC))
    async with seen(qapp, root, tmp_path) as at:
        page = at.page
        page.question.ask(question)
        assert page.question.words.word.text().startswith("No")
        at.press(Part.ACLS, "Create…")
        sheet = Veil.over(page.window())
        assert isinstance(sheet, AclSheet)
        for field, text in ((sheet.principal, who), (sheet.needs["topic"], TOPIC), (sheet.needs["group"], "mine")):
            write(field, text)
        click(sheet.go)
        assert (await at.carry_out()).startswith("Done")
        await until(lambda: page.question.words.word.text() == "Yes")
        assert page.question.words.rule.text() == f"ALLOW {who} READ on TOPIC {TOPIC} from any host"
        mine = [acl for acl in page.acls.model.rows if acl.principal == who]
        assert len(mine) == 2
        page.filter.setText(who)
        await until(lambda: list(page.acls.model.rows) == mine)
        page.acls.table.selectAll()
        at.press(Part.ACLS, "Delete selected…")
        assert (await at.carry_out()).startswith("Done")
        assert page.question.words.word.text().startswith("No")
        assert not [acl for acl in await at.session.cluster.security.acls() if acl.principal == who]
        entries = await at.session.journal.entries()
        assert [entry.intent.title for entry in entries] == [f"Delete 2 ACLs of {who}", f"Create 2 ACLs for {who}"]


async def test_a_password_that_was_typed_logs_in(
    qapp: QApplication, root: Way, secure_kafka: SecureKafka, tmp_path: Path
) -> None:
    user = uuid.uuid4().hex[:8]
    async with seen(qapp, root, tmp_path) as at:
        at.press(Part.USERS, "Create…")
        sheet = Veil.over(at.page.window())
        assert isinstance(sheet, UserSheet)
        for field, text in ((sheet.user, user), (sheet.password, PASSWORD), (sheet.again, PASSWORD)):
            write(field, text)
        click(sheet.go)
        assert (await at.carry_out()).startswith("Done")
        assert user in {row.user for row in at.page.users.model.rows}
        way = secure_kafka.way("SASL_PLAINTEXT", mechanism="SCRAM-SHA-512", user=user, password=PASSWORD)
        async with open_session(*way, journal=tmp_path / "another.sqlite") as session:
            assert await session.cluster.describe()


async def test_a_quota_is_set_and_shown(qapp: QApplication, root: Way, tmp_path: Path) -> None:
    user = uuid.uuid4().hex[:8]
    entity = QuotaEntity((("user", user),))
    async with seen(qapp, root, tmp_path) as at:
        at.press(Part.QUOTAS, "Set a client quota…" if not at.page.quotas.model.total else "Set…")
        sheet = Veil.over(at.page.window())
        assert isinstance(sheet, QuotaSheet)
        write(sheet.names["user"], user)
        write(sheet.limits["producer_byte_rate"], "1,048,576")
        click(sheet.go)
        assert (await at.carry_out()).startswith("Done")
        assert at.page.quotas.table.choose(entity)
        assert dict(at.page.rows[Part.QUOTAS][at.page.quotas.model.place_of(entity) or 0].limits)
        at.press(Part.QUOTAS, "Remove…")
        assert (await at.carry_out()).startswith("Done")
        assert at.page.quotas.model.place_of(entity) is None


async def test_nobody_is_told_which_right_is_missing_and_the_page_goes_on(
    qapp: QApplication, secure_kafka: SecureKafka, tmp_path: Path
) -> None:
    nobody = secure_kafka.way("SASL_SSL", mechanism="PLAIN", user="nobody")
    async with seen(qapp, nobody, tmp_path) as at:
        rights = {Part.ACLS: "DESCRIBE", Part.USERS: "DESCRIBE", Part.QUOTAS: "DESCRIBE_CONFIGS"}
        for part, right in rights.items():
            click(at.page.tabs.segments._buttons[part.value])
            assert at.page.rooms[part].state is QueryState.LOCKED
            assert f"Ask for the right {right} on Cluster kafka-cluster." in at.words(part)
            assert "--allow-principal User:nobody" in at.words(part)
        assert at.page.rooms[Part.MATRIX].state is QueryState.LOCKED
        assert at.page.question.words.word.text() == "Not known"
        assert Part.TOKENS in at.page.rows or "that you may see" in at.words(Part.TOKENS)
        shown = at.page.rows[Part.CERTIFICATES]
        assert [row.not_after_ms is not None for row in shown] == [True]
        assert QApplication.activeModalWidget() is None
        at.page.refresh()
        await at.read()


async def test_a_read_only_profile_greys_every_button_that_writes(
    qapp: QApplication, root: Way, tmp_path: Path
) -> None:
    profile, secrets = root
    async with seen(qapp, (replace(profile, read_only=True), secrets), tmp_path) as at:
        click(at.page.tabs.segments._buttons[Part.ACLS.value])
        at.page.acls.table.selectAll()
        writing = [b for b in at.page.acls.findChildren(QPushButton) if b.text() in ("Create…", "Delete selected…")]
        assert [(b.isEnabled(), b.toolTip()) for b in writing] == [(False, "This profile is read-only")] * 2


async def test_a_cluster_without_an_authorizer_says_so(
    qapp: QApplication, kafka: EmbeddedKafka, tmp_path: Path
) -> None:
    async with seen(qapp, (ConnectionProfile("plain", kafka.bootstrap), Secrets()), tmp_path) as at:
        click(at.page.tabs.segments._buttons[Part.ACLS.value])
        assert "No authorizer: everybody may do everything" in at.words(Part.ACLS)
        at.page.question.ask(AclQuestion("User:x", Operation.DELETE, Resource(ResourceType.TOPIC, "any")))
        assert at.page.question.words.word.text() == "Yes"
