"""The page Connections: what is typed is saved, secrets go to the keyring alone, and a test shows its steps live."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from kafkaview.doctor.diagnosis import Cause, Diagnosis, DiagnosisLayer, DiagnosisStep
from kafkaview.profiles.connection_field import FormSection
from kafkaview.profiles.profile import ConnectionProfile, Environment
from kafkaview.profiles.security import Protocol, Sasl, SecretField, Secrets, Security
from kafkaview.profiles.store import ProfileStore
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.kit.tasks import Tasks
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.delete_sheet import DeleteSheet
from kafkaview.ui.pages.connections.doctor_steps import DoctorEntry
from kafkaview.ui.pages.connections.page import ConnectionsPage
from kafkaview.ui.pages.connections.secret_field import Kept, SecretEdit
from tests.kit.book import LocalBook
from tests.ui.conftest import Run, until
from tests.ui.connections.rings import MemoryRing, NoRing, keyring

SECRET = "wonder-8Xland"  # noqa: S105 - of a test
LOGIN = ConnectionProfile(
    "orders",
    "a:9092",
    Environment.PRODUCTION,
    security=Security(Protocol.SASL_PLAINTEXT, sasl=Sasl("PLAIN", "alice")),
)
Scenario = Callable[[ConnectionsPage, LocalBook], Awaitable[None]]
On = Callable[..., None]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kafkaview" / "profiles.toml"


@pytest.fixture
def on_page(run: Run, theme: Theme, file: Path) -> On:
    """Runs a scenario on the page, with a keyring in memory or another one."""

    async def played(scenario: Scenario, ring: MemoryRing) -> None:
        book = LocalBook(ProfileStore(file), keyring(ring))
        await book.load()
        tasks = Tasks()
        page = ConnectionsPage(theme, tasks, book)
        theme.dress(page)
        page.show()
        try:
            await scenario(page, book)
        finally:
            await tasks.close()
            await book.close()
            page.hide()
            page.deleteLater()

    return lambda scenario, ring=None: run(played(scenario, ring or MemoryRing()))


def text(page: ConnectionsPage, field: str, value: str) -> None:
    page.editor.controls[field].set_value(value)


def kept(secret: SecretEdit) -> Kept:
    return secret.kept


def mark(entry: DoctorEntry) -> Mark:
    return entry.mark.mark


async def settled(page: ConnectionsPage) -> None:
    await until(lambda: not any(page._tasks.is_running(f"connections.{name}") for name in ("kept", "save", "forget")))


def test_a_filled_form_is_saved_and_its_secret_is_in_the_keyring_alone(on_page: On, file: Path) -> None:
    ring = MemoryRing()

    async def scenario(page: ConnectionsPage, book: LocalBook) -> None:
        for field, value in (("name", "orders"), ("bootstrap", "a:9092"), ("environment", "staging")):
            text(page, field, value)
        text(page, "protocol", Protocol.SASL_PLAINTEXT.value)
        text(page, "username", "alice")
        await settled(page)
        secret = page.editor.secrets[SecretField.SASL_PASSWORD]
        QTest.keyClicks(secret.line, SECRET)
        page.save.click()
        await until(lambda: book.profiles and not page.editor.dirty)
        await settled(page)
        assert list(ring.entries.values()) == [SECRET]
        assert SECRET not in file.read_text()
        assert kept(secret) is Kept.KEYRING
        assert secret.typed == ""
        assert page.list.current is not None

    on_page(scenario, ring)


def test_a_connection_with_an_error_is_not_saved(on_page: On) -> None:
    async def scenario(page: ConnectionsPage, book: LocalBook) -> None:
        text(page, "bootstrap", "kafka")
        page.save.click()
        assert not page._tasks.is_running("connections.save")
        assert not book.profiles
        wrong = page.editor._sections[FormSection.SERVERS]._rows["bootstrap"][2]
        assert wrong.text() == "kafka names no port: kafka:9092"
        text(page, "bootstrap", "kafka:9092")
        assert wrong.isHidden()

    on_page(scenario)


def test_without_a_keyring_a_secret_is_kept_for_this_run_if_the_user_says_so(on_page: On, file: Path) -> None:
    async def scenario(page: ConnectionsPage, book: LocalBook) -> None:
        saved = await book.save(LOGIN, {})
        page.edit(saved)
        await settled(page)
        secret = page.editor.secrets[SecretField.SASL_PASSWORD]
        assert "No keyring takes it" in secret._status.text()
        secret.line.setText(SECRET)
        page.save.click()
        assert not page._tasks.is_running("connections.save")
        secret.only_now.setChecked(True)
        page.save.click()
        await until(lambda: not page.editor.dirty)
        await settled(page)
        assert (await book.login(saved)).get(SecretField.SASL_PASSWORD) == SECRET
        assert kept(secret) is Kept.THIS_RUN
        assert SECRET not in file.read_text()

    on_page(scenario, NoRing())


def test_a_secret_can_be_forgotten_and_is_never_shown_again(on_page: On) -> None:
    ring = MemoryRing()

    async def scenario(page: ConnectionsPage, book: LocalBook) -> None:
        page.edit(await book.save(LOGIN, {SecretField.SASL_PASSWORD: SECRET}))
        await settled(page)
        secret = page.editor.secrets[SecretField.SASL_PASSWORD]
        assert kept(secret) is Kept.KEYRING
        assert secret.line.text() == ""
        secret.drop.click()
        await settled(page)
        assert ring.entries == {}
        assert kept(secret) is Kept.NOWHERE

    on_page(scenario, ring)


def test_deleting_takes_the_secrets_and_a_copy_has_its_own(on_page: On) -> None:
    ring = MemoryRing()

    async def scenario(_page: ConnectionsPage, book: LocalBook) -> None:
        saved = await book.save(LOGIN, {SecretField.SASL_PASSWORD: SECRET})
        copy, saved_secrets = await book.duplicate(saved)
        assert saved_secrets == ""
        assert sorted(ring.entries.values()) == [SECRET, SECRET]
        await book.remove(saved)
        assert [user.partition("/")[0] for _service, user in ring.entries] == [copy.id]

    on_page(scenario, ring)


def test_without_a_keyring_a_copy_stands_and_is_said_to_lack_its_secrets(on_page: On) -> None:
    async def scenario(page: ConnectionsPage, book: LocalBook) -> None:
        page.edit(await book.save(LOGIN, {}))
        page.copy.click()
        await until(page.notice.isVisible)
        assert page.notice.accessibleName().startswith("orders copy stands without secrets of the keyring.")
        assert page.editor.values["name"] == "orders copy"

    on_page(scenario, NoRing())


def test_without_a_keyring_a_deleted_connection_leaves_the_form_too(on_page: On) -> None:
    async def scenario(page: ConnectionsPage, book: LocalBook) -> None:
        page.edit(await book.save(LOGIN, {}))
        page.delete.click()
        sheet = Veil.over(page)
        assert isinstance(sheet, DeleteSheet)
        sheet.delete.click()
        await until(page.notice.isVisible)
        assert "whether the keyring still holds its secrets is unknown" in page.notice.accessibleName()
        assert not book.profiles
        assert page.editor.values["name"] == ""
        assert page.delete.isHidden()

    on_page(scenario, NoRing())


def test_the_first_field_that_is_wrong_is_gone_to(on_page: On) -> None:
    async def scenario(page: ConnectionsPage, _book: LocalBook) -> None:
        text(page, "protocol", Protocol.SASL_SSL.value)
        page.save.click()
        assert page.editor.focusWidget() is page.editor.controls["name"].control

    on_page(scenario)


@pytest.mark.parametrize("field", ["bootstrap", "settings"])
def test_what_refuses_a_save_is_scrolled_to_whole(on_page: On, field: str) -> None:
    async def scenario(page: ConnectionsPage, _book: LocalBook) -> None:
        page.resize(1000, 380)
        text(page, "name", "orders")
        text(page, "bootstrap", "kafka" if field == "bootstrap" else "kafka:9092")
        text(page, "settings", "client.id")
        bar = page.editor.verticalScrollBar()
        await until(bar.maximum)
        bar.setValue(bar.maximum() if field == "bootstrap" else 0)
        page.save.click()
        reason = next(rows.reason(field) for rows in page.editor._sections.values() if field in rows.names())
        await until(reason.isVisible)
        await until(lambda: reason.visibleRegion().boundingRect().height() == reason.height())
        control = page.editor.controls[field]
        assert control.visibleRegion().boundingRect().height() == control.height()

    on_page(scenario)


def test_typed_changes_are_not_lost_by_a_click_on_another(on_page: On) -> None:
    async def scenario(page: ConnectionsPage, book: LocalBook) -> None:
        first, other = await book.save(LOGIN, {}), await book.save(ConnectionProfile("other", "b:9092"), {})
        page.edit(first)
        text(page, "name", "orders-2")
        page.list.choose(other.id)
        assert page.editor.values["name"] == "orders-2"
        assert "orders-2 has changes that are not saved" in page.notice.accessibleName()
        page.cancel.click()
        page.list.choose(other.id)
        assert page.editor.values["name"] == "other"

    on_page(scenario)


def test_an_imported_file_becomes_a_profile_and_is_said_to_hold_its_secret_still(on_page: On, tmp_path: Path) -> None:
    ring = MemoryRing()

    async def scenario(page: ConnectionsPage, book: LocalBook) -> None:
        given = tmp_path / "client.properties"
        given.write_text(
            "bootstrap.servers=a:9092\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nretry.backoff.ms=0\n"
            f'sasl.jaas.config=x.PlainLoginModule required username="alice" password="{SECRET}";\n'
        )
        page.profile_actions.import_file(given)
        await until(page.notice.isVisible)
        assert "client.properties still holds them in plain text" in page.notice.accessibleName()
        assert "Not taken over: retry.backoff.ms=0 is taken by no client here" in page.notice.accessibleName()
        assert page.editor.values["username"] == "alice"
        assert list(ring.entries.values()) == [SECRET]
        assert [profile.name for profile in book.profiles] == ["client"]

    on_page(scenario, ring)


def test_without_a_keyring_an_imported_file_is_to_be_kept_and_what_is_left_out_is_listed(
    on_page: On, tmp_path: Path
) -> None:
    async def scenario(page: ConnectionsPage, book: LocalBook) -> None:
        (tmp_path / "trust.jks").write_bytes(b"\xfe\xed\xfe\xed\x00")
        given = tmp_path / "client.properties"
        given.write_text(
            "bootstrap.servers=a:9092\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nretry.backoff.ms=0\n"
            f'sasl.jaas.config=x.PlainLoginModule required username="alice" password="{SECRET}";\n'
            f"ssl.truststore.location={tmp_path}/trust.jks\nssl.truststore.password=changeit\n"
        )
        page.profile_actions.import_file(given)
        await until(page.notice.isVisible)
        said = page.notice.accessibleName()
        assert "client.properties still holds them in plain text: keep it until a keyring takes them." in said
        assert "delete" not in said
        assert "Not taken over: retry.backoff.ms=0 is taken by no client here" in said
        assert f"Not taken over: The truststore {tmp_path}/trust.jks is a JKS store" in said
        assert page.editor.values["username"] == "alice"
        (profile,) = book.profiles
        assert (await book.login(profile)).get(SecretField.SASL_PASSWORD) == SECRET

    on_page(scenario, NoRing())


def test_the_steps_of_a_test_appear_as_they_are_reported(on_page: On, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(page: ConnectionsPage, book: LocalBook) -> None:
        page.edit(await book.save(LOGIN, {SecretField.SASL_PASSWORD: SECRET}))
        given: list[Secrets] = []
        go_on = asyncio.Event()
        good = DiagnosisStep(DiagnosisLayer.DNS, "a:9092", ok=True, detail="a is 127.0.0.1", ms=2)
        bad = DiagnosisStep(
            DiagnosisLayer.SASL,
            "a:9092",
            ok=False,
            cause=Cause.BAD_CREDENTIALS,
            detail="The broker says: no",
            hint="Enter it again.",
            ms=300,
            field="sasl_password",
        )

        async def diagnose(
            _profile: ConnectionProfile, secrets: Secrets, report: Callable[[DiagnosisStep], None]
        ) -> Diagnosis:
            given.append(secrets)
            report(good)
            await go_on.wait()
            report(bad)
            return Diagnosis((good, bad, DiagnosisStep(DiagnosisLayer.API, "a:9092", ok=None)), Cause.BAD_CREDENTIALS)

        monkeypatch.setattr("kafkaview.doctor.diagnose.diagnose", diagnose)
        page.doctor.go.click()
        await until(lambda: given)
        name, login = page.doctor.steps.entry(DiagnosisLayer.DNS), page.doctor.steps.entry(DiagnosisLayer.SASL)
        assert name is not None
        assert login is not None
        await until(name.time.text)
        assert (mark(name), name.time.text()) == (Mark.OK, "2 ms")
        assert mark(login) is Mark.IDLE
        go_on.set()
        await until(lambda: page.doctor.diagnosis)
        assert mark(login) is Mark.BAD
        api = page.doctor.steps.entry(DiagnosisLayer.API)
        assert api is not None
        assert mark(api) is Mark.IDLE
        assert page.doctor.cause.title.text() == "Wrong user or password"
        page.doctor.note_change(page.editor.profile)
        assert "before the form was changed" not in page.doctor.summary.text()
        page.doctor.note_change(replace(page.editor.profile, bootstrap="b:9092"))
        assert page.doctor.summary.text().startswith("Of a:9092, before the form was changed.")
        assert given[0].get(SecretField.SASL_PASSWORD) == SECRET
        page.doctor.cause.fix.click()
        assert page.editor.focusWidget() is page.editor.secrets[SecretField.SASL_PASSWORD].line
        page.doctor.cause.copy.click()
        assert SECRET not in QGuiApplication.clipboard().text()
        assert "user alice" in QGuiApplication.clipboard().text()

    on_page(scenario)


def test_a_closed_keyring_is_the_cause_it_is_called(on_page: On) -> None:
    async def scenario(page: ConnectionsPage, book: LocalBook) -> None:
        page.edit(await book.save(LOGIN, {}))
        await settled(page)
        page.doctor.go.click()
        await until(lambda: page.doctor.diagnosis)
        assert page.doctor.cause.title.text() == "The keyring does not open"
        assert page.doctor.cause.fix.text() == "Enter it"

    on_page(scenario, NoRing())


def test_a_lasting_warning_stands_while_the_host_name_is_not_verified(on_page: On) -> None:
    async def scenario(page: ConnectionsPage, _book: LocalBook) -> None:
        text(page, "protocol", Protocol.SSL.value)
        box = page.editor.controls["verify_hostname"]
        box.set_value(False)
        assert box.warning.isVisible()  # type: ignore[attr-defined]
        box.set_value(True)
        assert not box.warning.isVisible()  # type: ignore[attr-defined]

    on_page(scenario)
