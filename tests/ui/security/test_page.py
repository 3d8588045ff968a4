"""The Security page on a fake cluster: questions, parts that may be seen and parts that may not, what can be done."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout

from kafkaview.cluster.errors import NotAuthorized, RefusedByPolicy, Unreachable, UnsupportedByBroker
from kafkaview.cluster.ports.security import (
    Operation,
    QuotaEntity,
    Resource,
    ResourceType,
    ScramCredential,
    ScramMechanism,
)
from kafkaview.gallery import security_scenes as scenes
from kafkaview.profiles.profile import Environment
from kafkaview.security.decision import AclQuestion
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.query_view import QueryState
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.security.acl_sheet import AclSheet
from kafkaview.ui.pages.security.frozen import FrozenColumn
from kafkaview.ui.pages.security.page import SecurityPage
from kafkaview.ui.pages.security.parts import READS, Part
from kafkaview.ui.pages.security.quota_sheet import QuotaSheet
from kafkaview.ui.pages.security.user_sheet import UserSheet
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.writes.plan import ChangePlan
from tests.ui.conftest import Staged
from tests.ui.pages.samples import view
from tests.ui.stage import DEVELOPMENT, Stage, until

ORDERS = Resource(ResourceType.TOPIC, "orders")
PASSWORD = "a word that is shown nowhere"  # noqa: S105  # of nobody
DENIED = NotAuthorized("Listing: the broker refuses", "Ask for the right DESCRIBE on Cluster kafka-cluster.")


async def shown(stage: Stage) -> SecurityPage:
    """The page in the window, all its parts read."""
    page = SecurityPage(stage.context)
    column = QVBoxLayout(stage.window)
    for part in (*page.head_actions(), page):
        column.addWidget(part)
    await read(stage, page)
    return page


async def read(stage: Stage, page: SecurityPage) -> None:
    """Wait until every part has told, or has been refused."""
    await until(lambda: all(part in page.rows or part in page.refused for part in READS))
    await until(lambda: not any(stage.tasks.is_running(f"security.{part.value}") for part in READS))


def fill(stage: Stage) -> None:
    """What a cluster with an authorizer holds."""
    rows = scenes.make_parts()
    stage.security.rules = rows[Part.ACLS].acls
    stage.security.credentials = {(one.user, one.mechanism): one for one in rows[Part.USERS]}
    stage.security.limits = {one.entity: dict(one.limits) for one in rows[Part.QUOTAS]}
    stage.security.issued, stage.security.shown = rows[Part.TOKENS], rows[Part.CERTIFICATES]


def texts(page: SecurityPage, part: Part) -> str:
    seen = page.rooms[part].front
    return "\n".join(label.text() for label in seen.findChildren(Text)) if seen is not None else ""


async def planned(stage: Stage) -> PlanDialog[ChangePlan]:
    """The dialog that opened, with its plan."""
    await until(lambda: isinstance(Veil.over(stage.window), PlanDialog))
    dialog = Veil.over(stage.window)
    assert isinstance(dialog, PlanDialog)
    await until(lambda: not stage.tasks.is_running("change.plan"))
    return dialog


async def carried_out(stage: Stage, dialog: PlanDialog[ChangePlan]) -> None:
    dialog.ask.confirm.click()
    await until(dialog.outcome.isVisible)
    assert stage.results == []  # this one is the page's own


@pytest.mark.parametrize(
    ("question", "word", "rule"),
    [
        (AclQuestion("User:billing", Operation.READ, ORDERS), "Yes", "ALLOW User:billing READ on TOPIC orders"),
        (AclQuestion("User:audit", Operation.WRITE, ORDERS), "Yes", "ALLOW User:audit ALL on TOPIC *"),
        (AclQuestion("User:audit", Operation.DELETE, ORDERS), "No", "DENY User:audit DELETE on TOPIC orders"),
        (AclQuestion("User:billing", Operation.WRITE, ORDERS), "No", ""),
    ],
)
def test_a_question_is_answered_with_the_rule_that_decides(
    staged: Staged, question: AclQuestion, word: str, rule: str
) -> None:
    async def play(stage: Stage) -> None:
        fill(stage)
        page = await shown(stage)
        page.question.ask(question)
        assert page.question.words.word.text() == word
        assert page.question.words.rule.text().startswith(rule)

    staged(play)


def test_every_table_offers_the_line_that_lists_the_same(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        fill(stage)
        page = await shown(stage)
        for part in READS:
            page.go_to(Place("security", part.value))
            table = page.panes[part].table
            assert table.menu.command is not None
            assert table.menu.command(table.rows.rows[0]).split()[-1] == part.value

    staged(play)


def test_a_no_is_not_certain_where_super_users_may_not_be_read(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        fill(stage)
        stage.security.supers = None
        page = await shown(stage)
        page.question.ask(AclQuestion("User:nobody", Operation.WRITE, ORDERS))
        assert page.question.words.word.text() == "No, as far as is known"
        assert "super.users" in page.question.words.more.text()

    staged(play)


def test_a_cell_of_the_matrix_asks_its_question(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        fill(stage)
        page = await shown(stage)
        page.question.ask(AclQuestion("User:billing", Operation.READ, ORDERS))
        table = page.matrix.table
        assert table is not None
        place = table.rows.place_of("User:audit")
        assert place is not None
        column = [one.title for one in table.rows.columns].index("DELETE")
        assert table.rows.data(table.rows.index(place, column)) == "denied"
        table.setCurrentIndex(table.rows.index(place, column))
        assert page.question.question == AclQuestion("User:audit", Operation.DELETE, ORDERS)
        assert page.question.words.word.text() == "No"
        table.setCurrentIndex(QModelIndex())

    staged(play)


def test_a_part_without_its_right_names_it_and_the_others_go_on(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        fill(stage)
        stage.security.failures["quotas"] = DENIED
        page = await shown(stage)
        assert page.rooms[Part.QUOTAS].state is QueryState.LOCKED
        assert f"User:ANONYMOUS may not: {DENIED.message}. {DENIED.hint}" in texts(page, Part.QUOTAS)
        page.rooms[Part.QUOTAS].copy_command()
        line = "kafka-acls.sh --bootstrap-server fake:9092 --add --allow-principal User:ANONYMOUS"
        assert QApplication.clipboard().text() == f"{line} --operation DescribeConfigs --cluster"
        assert all(page.rooms[part].shows_content for part in Part if part is not Part.QUOTAS)

    staged(play)


def test_a_principal_without_rights_sees_locks_and_no_answer(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        stage.security.failures = dict.fromkeys(("acls", "scram_users", "quotas", "tokens"), DENIED)
        page = await shown(stage)
        for part in (Part.MATRIX, Part.ACLS, Part.USERS, Part.QUOTAS, Part.TOKENS):
            assert page.rooms[part].state is QueryState.LOCKED
        assert page.question.words.word.text() == "Not known"

    staged(play)


def test_a_cluster_without_an_authorizer_says_that_everybody_may_do_everything(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        stage.security.failures["acls"] = RefusedByPolicy("Listing ACLs: no authorizer (SECURITY_DISABLED).")
        findings: list[str] = []
        page = SecurityPage(stage.context)
        page.finding_changed.connect(findings.append)
        QVBoxLayout(stage.window).addWidget(page)
        await read(stage, page)
        page.question.ask(AclQuestion("User:anybody", Operation.DELETE, ORDERS))
        assert page.question.words.word.text() == "Yes"
        assert "No authorizer: everybody may do everything" in texts(page, Part.ACLS)
        assert findings[-1].startswith("No authorizer")

    staged(play)


def test_a_user_of_two_mechanisms_is_one_user(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        mechanisms, findings = list(ScramMechanism)[:2], list[str]()
        stage.security.credentials = {("anna", one): ScramCredential("anna", one, 4096) for one in mechanisms}
        page = SecurityPage(stage.context)
        page.finding_changed.connect(findings.append)
        QVBoxLayout(stage.window).addWidget(page)
        await read(stage, page)
        assert len(page.rows[Part.USERS]) == 2
        assert "1 SCRAM user" in findings[-1].split(", ")

    staged(play)


def test_tokens_that_are_switched_off_are_no_failure(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        stage.security.failures["tokens"] = UnsupportedByBroker("Delegation tokens are switched off on this cluster")
        page = await shown(stage)
        assert page.rooms[Part.TOKENS].state is QueryState.EMPTY
        assert "switched off" in texts(page, Part.TOKENS)

    staged(play)


def test_what_was_read_stays_when_the_cluster_falls_silent(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        fill(stage)
        page = await shown(stage)
        stage.security.failures["acls"] = Unreachable("no broker answers")
        page.refresh()
        await until(lambda: Part.ACLS in page.refused)
        assert page.rooms[Part.ACLS].shows_content
        assert page.acls.model.total == len(stage.security.rules)
        assert "what was last known. no broker answers" in page.rooms[Part.ACLS].banner.accessibleName()

    staged(play)


def test_a_preset_becomes_a_plan_and_the_page_reads_again(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        page = await shown(stage)
        page.deeds.create_acls()
        sheet = Veil.over(stage.window)
        assert isinstance(sheet, AclSheet)
        assert not sheet.go.isEnabled()
        sheet.principal.setEditText("User:mailer")
        sheet.needs["topic"].setEditText("orders*")
        assert sheet.why_not() == "A name is missing."
        sheet.needs["group"].setEditText("mailer")
        assert "ALLOW User:mailer READ on TOPIC orders* from any host" in sheet.listed.text()
        sheet.go.click()
        dialog = await planned(stage)
        assert dialog.plan is not None
        assert dialog.plan.title == "Create 2 ACLs for User:mailer"
        await carried_out(stage, dialog)
        assert len(stage.security.rules) == 2
        await until(lambda: page.acls.model.total == 2)

    staged(play)


def test_selected_acls_are_deleted_and_no_others(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        fill(stage)
        before = len(stage.security.rules)
        page = await shown(stage)
        gone = page.acls.model.rows[3]
        page.acls.table.choose(gone)
        page.deeds.delete_acls()
        await carried_out(stage, await planned(stage))
        assert gone not in stage.security.rules
        assert len(stage.security.rules) == before - 1

    staged(play)


def test_a_password_leaves_its_field_and_is_shown_nowhere(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        page = await shown(stage)
        page.deeds.create_user()
        sheet = Veil.over(stage.window)
        assert isinstance(sheet, UserSheet)
        sheet.user.setText("mailer")
        sheet.password.setText(PASSWORD)
        sheet.again.setText(PASSWORD + "x")
        assert sheet.why_not() == "The two passwords differ."
        sheet.again.setText(PASSWORD)
        sheet.go.click()
        (await planned(stage)).lift()
        assert sheet.why_not() == "", "a plan that is not wanted can be mended"
        sheet.go.click()
        dialog = await planned(stage)
        assert not any(PASSWORD in label.text() for label in stage.window.findChildren(Text))
        await carried_out(stage, dialog)
        assert not any(PASSWORD in line.text() for line in stage.window.findChildren(QLineEdit))
        key = ("mailer", ScramMechanism.SCRAM_SHA_512)
        assert stage.security.credentials == {key: ScramCredential(*key, 4096)}
        entries = await stage.session.journal.entries()
        assert entries
        assert PASSWORD not in repr(entries)

    staged(play)


def test_what_a_silent_broker_left_open_is_asked_again_once_brokers_answer(
    staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kafkaview.ui.kit.again._PAUSE_MS", 1)

    async def play(stage: Stage) -> None:
        page = await shown(stage)
        stage.security.failures["acls"] = Unreachable("broker 1 does not answer")
        page.refresh()
        await until(lambda: Part.ACLS in page.refused)
        stage.security.failures.clear()
        answering = view()
        page.show_view(replace(answering, stale=True))
        assert not stage.context.tasks.is_running("security.acls")

        def told() -> bool:
            page.show_view(answering)
            return Part.ACLS not in page.refused

        await until(told)

    staged(play)


def test_an_emptied_limit_is_taken_away_and_others_stay(staged: Staged) -> None:
    entity = QuotaEntity((("user", "billing"),))

    async def play(stage: Stage) -> None:
        stage.security.limits = {entity: {"producer_byte_rate": 1024.0, "request_percentage": 50.0}}
        page = await shown(stage)
        page.quotas.table.choose(entity)
        page.deeds.change_quota()
        sheet = Veil.over(stage.window)
        assert isinstance(sheet, QuotaSheet)
        sheet.limits["producer_byte_rate"].setText("none of it")
        assert sheet.why_not() == "A limit is a number above 0."
        sheet.limits["producer_byte_rate"].clear()
        sheet.go.click()
        await carried_out(stage, await planned(stage))
        assert stage.security.limits == {entity: {"request_percentage": 50.0}}

    staged(play)


def test_a_read_only_profile_sees_the_plan_and_changes_nothing(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        fill(stage)
        before = stage.security.rules
        page = await shown(stage)
        page.acls.table.selectAll()
        page.deeds.delete_acls()
        dialog = await planned(stage)
        assert dialog.preview.isVisible()
        assert not dialog.ask.confirm.isEnabled()
        dialog.ask.confirm.click()
        assert stage.security.rules == before

    staged(play, replace(DEVELOPMENT, read_only=True, environment=Environment.STAGING))


def test_every_button_that_writes_is_greyed_in_a_read_only_profile_and_says_why(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        fill(stage)
        page = await shown(stage)
        page.acls.table.selectAll()
        assert len([*page.rooms.values()]) == len(Part)  # all are made
        reasons = {
            b.text(): b.toolTip() for pane in page.panes.values() for b, _why in pane._buttons if not b.isEnabled()
        }
        writing = {"Delete selected…", "Create…", "Delete…", "Change password…", "Remove…", "Change…", "Set…"}
        assert writing <= set(reasons)
        assert {reasons[name] for name in writing} == {"This profile is read-only"}
        assert page.deeds.ways(Part.USERS) == ()
        plans = [action for action in page.deeds.actions() if action.title.endswith("…")]
        assert {action.why_not() for action in plans} == {"This profile is read-only"}

    staged(play, replace(DEVELOPMENT, read_only=True))


def test_a_question_from_one_host_is_answered_for_it_and_so_is_the_matrix(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        fill(stage)
        page = await shown(stage)
        page.question.ask(AclQuestion("User:intern", Operation.READ, ORDERS))
        assert page.question.words.word.text() == "Yes"
        page.question.host.setEditText("10.4.0.7")
        assert page.question.words.word.text() == "No"
        assert page.question.words.rule.text().startswith("DENY User:intern READ on TOPIC orders from 10.4.0.7")
        table = page.matrix.table
        assert table is not None
        place = table.rows.place_of("User:intern")
        assert place is not None
        assert table.rows.data(table.rows.index(place, 1)) == "denied"

    staged(play)


def test_an_acl_puts_its_question_and_a_principal_of_the_matrix_shows_its_acls(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        fill(stage)
        places: list[Place] = []
        stage.context = replace(stage.context, go=places.append)
        page = await shown(stage)
        denied = next(acl for acl in page.acls.model.rows if acl.host == "10.4.0.7")
        page.acls.table.choose(denied)
        page.deeds.ask()
        assert page.question.question == AclQuestion("User:intern", Operation.READ, ORDERS, "10.4.0.7")
        page.deeds.open_topic()
        table = page.matrix.table
        assert table is not None
        table.clicked.emit(table.rows.index(0, 0))
        assert places == [Place("topics", "orders"), Place("security", "acls", table.rows.rows[0].principal)]

    staged(play)


def test_the_principal_stays_in_view_when_the_matrix_scrolls(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        fill(stage)
        page = await shown(stage)
        page.question.ask(AclQuestion("User:billing", Operation.READ, ORDERS))
        table = page.matrix.table
        assert table is not None
        frozen = table.findChild(FrozenColumn)
        assert isinstance(frozen, FrozenColumn)
        assert not frozen.isVisible()
        stage.window.resize(700, 700)
        await until(lambda: table.horizontalScrollBar().maximum() > 0)
        table.horizontalScrollBar().setValue(table.horizontalScrollBar().maximum())
        assert frozen.isVisible()
        cell = frozen.visualRect(frozen.model().index(0, 0))
        assert (cell.left(), cell.width()) == (0, table.columnWidth(0))
        assert cell.top() == table.visualRect(table.rows.index(0, 0)).top()

    staged(play)


def test_the_outcome_of_a_change_stays_above_the_page_until_it_is_dismissed(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        fill(stage)
        page = await shown(stage)
        shown_now = page.users.model
        left = shown_now.total
        for closes in (False, True):
            await until(lambda: shown_now.total == left)  # noqa: B023 - read again after the first
            left -= 1
            page.users.table.choose(page.users.model.key_at(0))
            page.deeds.delete_user()
            dialog = await planned(stage)
            title = dialog.plan.title if dialog.plan is not None else ""
            if not closes:
                await carried_out(stage, dialog)
                dialog.lift()
                assert stage.outcome.isVisible()
                continue
            dialog.ask.confirm.click()
            dialog.lift()  # as Esc does
            await until(stage.outcome.isVisible)
            assert stage.outcome.deed.text() == title
            assert stage.outcome.entry.text() == "Journal entry 2"
        stage.outcome.dismiss.click()
        assert not stage.outcome.isVisible()

    staged(play)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_a_sheet_is_as_high_as_its_fields_and_grows_with_them(staged: Staged, scale: float) -> None:
    async def play(stage: Stage) -> None:
        stage.context.theme.set_scale(scale)
        stage.window.resize(1800, 1600)
        page = await shown(stage)
        page.deeds.create_acls()
        sheet = Veil.over(stage.window)
        assert isinstance(sheet, AclSheet)
        heights = []
        for preset in (0, sheet.preset.count() - 1):
            sheet.preset.setCurrentIndex(preset)
            await until(lambda: sheet._scroll.viewport().height() == sheet._inner.minimumSizeHint().height())
            assert sheet._scroll.verticalScrollBar().maximum() == 0
            heights.append(sheet.box.height())
        assert heights[1] > heights[0]

    staged(play)


def test_a_limit_without_a_column_of_its_own_is_shown(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        stage.security.limits = {QuotaEntity((("user", "a"),)): {"producer_byte_rate": 1024.0, "new_rate": 7.5}}
        page = await shown(stage)
        model = page.quotas.model
        cells = [model.data(model.index(0, place)) for place in range(model.columnCount())]
        assert cells[-1] == "new_rate 7.5"

    staged(play)


def test_a_place_brings_its_part_to_the_front(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        fill(stage)
        page = await shown(stage)
        page.go_to(Place("security", "users", "billing"))
        assert page.place() == Place("security", "users", "billing")
        assert [row.user for row in page.users.model.rows] == ["billing"]

    staged(play)


def test_an_answer_that_comes_while_a_part_is_half_made_reaches_it(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        fill(stage)
        page = SecurityPage(stage.context)
        QVBoxLayout(stage.window).addWidget(page)
        for part, pieces in [(part, page.rooms.pieces(part.value)) for part in (Part.ACLS, Part.USERS)]:
            next(pieces)
            next(pieces)  # it is made, and has no place yet
            assert page.rooms.made[part.value].state is QueryState.LOADING
        page.show_rows_of(Part.ACLS, await READS[Part.ACLS](stage.context.engine))
        page.show_refused(Part.USERS, DENIED)
        assert page.rooms[Part.ACLS].shows_content
        assert page.rooms[Part.USERS].state is QueryState.LOCKED

    staged(play)
