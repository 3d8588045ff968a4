"""The dialog of administrative writes: shown, confirmed, carried out, refused, on a fake cluster."""

from __future__ import annotations

import gc
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.cluster.ports.security import (
    Acl,
    NewScramCredential,
    Operation,
    PatternType,
    Permission,
    ResourceType,
    ScramMechanism,
)
from kafkaview.engine.port import Engine
from kafkaview.engine.session_service import SessionService
from kafkaview.profiles.profile import Environment
from kafkaview.ui.kit.marks import MarkLabel
from kafkaview.ui.writes.change_kind import change_dialog
from kafkaview.ui.writes.change_preview import ChangePreview
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.ui.writes.write_result import Result
from kafkaview.writes.plan import ChangePlan, command_line
from tests.kit.engine import service_of
from tests.ui.conftest import Staged
from tests.ui.stage import DEVELOPMENT, Stage, until

READS = Acl(ResourceType.TOPIC, "orders", PatternType.LITERAL, "User:billing", "*", Operation.READ, Permission.ALLOW)
PASSWORD = "a word that is shown nowhere"  # noqa: S105  # of nobody


async def creates(engine: Engine) -> ChangePlan:
    return await engine.plan_create_acls((READS,))


def test_a_plan_is_shown_and_nothing_is_written(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        dialog = await stage.open(creates)
        assert dialog.plan is not None
        assert dialog.plan.title == "Create 1 ACL for User:billing"
        assert dialog.preview.isVisible()
        assert dialog.ask.confirm.text() == "Create 1 ACL"
        dialog.ask.cancel.click()
        assert stage.security.rules == ()
        assert stage.security.calls["create_acls"] == 0

    staged(play)


def test_one_click_writes_journals_and_tells_the_page(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        dialog = await stage.open(creates)
        dialog.ask.confirm.click()
        await until(dialog.outcome.isVisible)
        assert stage.security.rules == (READS,)
        assert dialog.outcome.title.text() == "Done: the cluster reads back as planned"
        assert dialog.steps.count == 4
        assert [result.tone for result in stage.results] == ["ok"]
        assert dialog.outcome.text.text() == "Ctrl+Z, or its journal entry, plans its undo."
        assert not dialog.ask.retry.isVisible()
        mark = dialog.outcome.findChild(MarkLabel)
        assert mark is not None
        assert mark.isVisible()
        dialog.outcome.show_result(Result("ok", "Done"))
        assert not mark.isVisible(), "it would stand beside nothing"

    staged(play)


def test_production_wants_the_subject_typed_and_enter_confirms_nothing(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        dialog = await stage.open(creates)
        assert not dialog.ask.confirm.isEnabled()
        QTest.keyClicks(dialog.ask.field, "User:billing")
        assert dialog.ask.confirm.isEnabled()
        QTest.keyClick(dialog.ask.field, Qt.Key.Key_Return)
        assert not stage.tasks.is_running("change")
        dialog.ask.confirm.click()
        await until(dialog.outcome.isVisible)
        assert stage.security.rules == (READS,)

    staged(play, replace(DEVELOPMENT, environment=Environment.PRODUCTION))


def test_a_missing_right_is_named_and_the_plan_can_be_made_again(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        right = "Ask for the right ALTER on Cluster kafka-cluster."
        stage.security.failures["create_acls"] = NotAuthorized("the broker does not create ACLs for you", right)
        dialog = await stage.open(creates)
        dialog.ask.confirm.click()
        await until(dialog.outcome.isVisible)
        assert dialog.outcome.title.text() == "A right is missing, nothing was written"
        assert right in [text.text() for text in dialog.outcome.findChildren(type(dialog.outcome.title))]
        stage.security.failures.clear()
        QTest.mouseClick(dialog.ask.retry, Qt.MouseButton.LeftButton)
        await until(dialog.ask.confirm.isVisible)
        await until(dialog.ask.confirm.isEnabled)
        assert dialog.ask.cancel.hasFocus(), "as when the first plan was shown"
        dialog.ask.confirm.click()
        await until(lambda: len(stage.results) == 2)
        assert stage.security.rules == (READS,)

    staged(play)


def test_a_write_without_an_answer_is_not_called_refused(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        stage.security.failures["create_acls"] = Unreachable("the controller does not answer")
        dialog = await stage.open(creates)
        dialog.ask.confirm.click()
        await until(dialog.outcome.isVisible)
        assert dialog.outcome.title.text() == "Whether it was done is not known"

    staged(play)


def test_a_plan_that_no_longer_holds_writes_nothing(staged: Staged) -> None:
    other = replace(READS, operation=Operation.WRITE)

    async def play(stage: Stage) -> None:
        stage.security.rules = (other,)
        dialog = await stage.open(lambda engine: engine.plan_create_acls((READS, other)))
        stage.security.rules = ()
        dialog.ask.confirm.click()
        await until(dialog.outcome.isVisible)
        assert dialog.outcome.title.text() == "The plan no longer holds, nothing was written"
        assert stage.security.calls["create_acls"] == 0

    staged(play)


def test_a_read_only_profile_sees_the_plan_and_may_not_carry_it_out(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        dialog = await stage.open(creates)
        assert dialog.preview.isVisible()
        assert not dialog.ask.confirm.isEnabled()
        assert dialog.ask.confirm.toolTip() == "This profile is read-only"

    staged(play, replace(DEVELOPMENT, read_only=True))


def test_closing_while_it_is_read_back_lets_it_go_on(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        dialog = await stage.open(creates)
        dialog.ask.confirm.click()
        await until(lambda: dialog.ask.cancel.text() == "Close")
        dialog.lift()
        await until(lambda: stage.results)
        assert stage.security.rules == (READS,)

    staged(play)


def held() -> list[NewScramCredential]:
    """What of it is in memory, by whatever way: a signal, a closure, a task that has ended."""
    return [one for one in gc.get_objects() if isinstance(one, NewScramCredential) and one.password == PASSWORD]


async def sets_password(engine: Engine) -> ChangePlan:
    credential = NewScramCredential("billing", ScramMechanism.SCRAM_SHA_512, 4096, PASSWORD)
    return await engine.plan_set_scram(credential)


def test_a_password_is_shown_nowhere_and_let_go_with_the_dialog(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        dialog = await stage.open(sets_password)
        shown = [label.text() for label in dialog.findChildren(type(dialog.outcome.title))]
        assert not any(PASSWORD in text for text in shown)
        assert held()
        dialog.ask.confirm.click()
        await until(dialog.outcome.isVisible)
        dialog.ask.cancel.click()
        await until(lambda: not stage.tasks.works)
        assert not held()

    staged(play)


@pytest.mark.logs_warnings
def test_a_password_is_let_go_when_a_closed_dialogs_write_has_ended_or_was_refused(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        for failure in (None, NotAuthorized, RuntimeError):
            if failure is not None:
                stage.security.failures["set_scram"] = failure("refused")
            dialog = await stage.open(sets_password)
            dialog.ask.confirm.click()
            dialog.lift()
            await until(lambda: not stage.tasks.is_running("change"))
            stage.security.failures.clear()  # an error keeps the frames that it was raised through
            await until(lambda: not held())

    staged(play)


def test_the_engine_keeps_no_plan_of_a_dialog_that_was_closed(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        dialog = await stage.open(sets_password)
        service = service_of(stage.context.engine, SessionService)
        assert service._plan is not None
        dialog.ask.cancel.click()
        await until(lambda: not held())
        assert service._plan is None

    staged(play)


def test_a_plan_that_the_engine_made_for_a_dialog_that_is_closed_meanwhile_is_not_kept(
    staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(stage: Stage) -> None:
        await stage.context.engine.rules()
        service, dialogs = service_of(stage.context.engine, SessionService), list[PlanDialog[ChangePlan]]()

        def keep_and_close(plan: ChangePlan) -> ChangePlan:
            service._plan = plan
            dialogs.pop().lift()
            return plan.copy_for_window()

        monkeypatch.setattr(service, "_keep", keep_and_close)
        dialogs.append(change_dialog(stage.context, sets_password))
        dialogs[0].open()
        await until(lambda: not dialogs)
        await until(lambda: not stage.tasks.is_running("change.drop"))
        assert service._plan is None
        await until(lambda: not held())

    staged(play)


def test_a_long_line_widens_no_dialog_and_is_copied_whole(staged: Staged) -> None:
    acls = tuple(replace(READS, name=f"{topic}-of-the-eu", principal=f"User:{topic}") for topic in ("orders", "bills"))

    async def play(stage: Stage) -> None:
        dialog = await stage.open(lambda engine: engine.plan_create_acls(acls))
        assert dialog.plan is not None
        assert isinstance(dialog.preview, ChangePreview)
        await until(dialog.preview.rows.isVisible)
        assert dialog.preview.minimumSizeHint().width() < dialog.box.width()
        dialog.preview.command._copy.click()
        assert QApplication.clipboard().text() == command_line(DEVELOPMENT, dialog.plan)

    staged(play)
