"""Topics created, changed, emptied and deleted from their page."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import pytest
from PySide6.QtWidgets import QMenu

from kafkaview.cluster.errors import NotAuthorized
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.records.positions import Anchor
from kafkaview.terms import TopicPartition
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Sheet, Veil
from kafkaview.ui.kit.tables.menu import row_menu
from kafkaview.ui.pages.topics.topic_sheets import CreateTopicSheet, EmptyingSheet, PartitionsSheet, SettingSheet
from kafkaview.ui.writes.change_preview import ChangePreview
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.writes.plan import ChangePlan
from tests.ui.pages.conftest import PROFILE, Stage

S = TypeVar("S", bound=Sheet)
WRITES = ["Change settings…", "Add partitions…", "Delete records…", "Delete the topic…"]


async def on_topic(stage: Stage, topic: str = "orders") -> None:
    await stage.until(lambda: stage.window.view is not None and stage.window.view.topics is not None)
    stage.window.go(Place("topics", topic))
    await stage.until(lambda: stage.topics.table.selected is not None and stage.topics.table.selected.name == topic)
    await stage.until(lambda: stage.topics.detail.partitions.total > 0)


def run_action(stage: Stage, name: str) -> None:
    action = next(one for one in stage.topics.actions_of_page() if one.id == name)
    assert action.why_not() == ""
    action.run()


def sheet_of(stage: Stage, kind: type[S]) -> S:
    sheet = Veil.over(stage.window)
    assert isinstance(sheet, kind)
    return sheet


async def plan_of(stage: Stage) -> PlanDialog[ChangePlan]:
    """The dialog that shows a plan."""
    dialog = Veil.over(stage.window)
    assert isinstance(dialog, PlanDialog)
    await stage.until(lambda: dialog.plan is not None and dialog.preview.isVisible())
    await stage.until(lambda: not stage.window.tasks.is_running("change.plan"))
    assert isinstance(dialog.preview, ChangePreview)
    return dialog


async def carry_out(stage: Stage, dialog: PlanDialog[ChangePlan]) -> None:
    assert dialog.ask.confirm.isEnabled()
    dialog.ask.confirm.click()
    await stage.until(dialog.outcome.isVisible, 40)
    dialog.ask.cancel.click()


async def test_a_topic_is_created_shown_and_taken_back(stage: Stage) -> None:
    await on_topic(stage)
    stage.topics.create_button.click()
    sheet = sheet_of(stage, CreateTopicSheet)
    assert sheet.why_not() == "A topic needs a name."
    sheet.name.setText("refunds")
    for line, text, why in (
        (sheet.partitions, "none", "Partitions: a number from 1."),
        (sheet.replicas, "0", "Replicas: a number from 1."),
    ):
        line.setText(text)
        assert (sheet.why_not(), sheet.go.isEnabled()) == (why, False)
        line.setText("3")
    sheet.settings.setPlainText("retention.ms")
    assert "NAME=VALUE" in sheet.why_not()
    sheet.settings.setPlainText("retention.ms=60000\n\n")
    sheet.replicas.setText("")
    sheet.go.click()
    (await plan_of(stage)).ask.cancel.click()
    assert sheet_of(stage, CreateTopicSheet) is sheet, "what was typed is there to be mended"
    sheet.go.click()
    await carry_out(stage, await plan_of(stage))
    assert Veil.over(stage.window) is None
    made = stage.world.cluster.logged["refunds"]
    assert (len(made.logs), made.settings) == (3, {"retention.ms": "60000"})
    await stage.until(lambda: "refunds" in [row.name for row in stage.topics.model.rows])

    assert stage.outcome.undo.isVisible()
    stage.outcome.undo.click()
    undo = await plan_of(stage)
    assert not undo.ask.field.isVisible(), "nothing is lost"
    await carry_out(stage, undo)
    assert "refunds" not in stage.world.cluster.logged


async def test_a_form_whose_plan_was_refused_lies_over_what_became_of_it(stage: Stage) -> None:
    await on_topic(stage)
    stage.topics.create_button.click()
    sheet = sheet_of(stage, CreateTopicSheet)
    sheet.name.setText("refunds")
    sheet.go.click()
    dialog = await plan_of(stage)
    stage.world.cluster.failures["create_topic"] = NotAuthorized("creating the topic refunds: not allowed")
    await carry_out(stage, dialog)
    assert sheet_of(stage, CreateTopicSheet) is sheet
    assert stage.outcome.isVisible()
    middle = stage.outcome.mapTo(stage.window, stage.outcome.rect().center())
    seen = stage.window.childAt(middle)
    assert seen is not None
    assert seen is sheet or sheet.isAncestorOf(seen), "the strip of a window's first write is below its sheets"


async def test_a_topic_with_records_is_deleted_only_with_its_name_typed(stage: Stage) -> None:
    stage.grows = False
    await on_topic(stage)
    run_action(stage, "topics.delete")
    dialog = await plan_of(stage)
    assert dialog.plan is not None
    assert dialog.plan.destroys
    assert not dialog.ask.confirm.isEnabled()
    assert dialog.ask.field.isVisible()
    dialog.ask.field.setText("orders")
    await carry_out(stage, dialog)
    assert "orders" not in stage.world.cluster.logged
    assert not stage.outcome.undo.isVisible()
    await stage.until(lambda: "orders" not in [row.name for row in stage.topics.model.rows])


async def test_partitions_are_added_and_never_fewer(stage: Stage) -> None:
    await on_topic(stage)
    has = len(stage.world.cluster.logged["orders"].logs)
    run_action(stage, "topics.add-partitions")
    sheet = sheet_of(stage, PartitionsSheet)
    for text in ("", str(has), "x"):
        sheet.to.setText(text)
        assert not sheet.go.isEnabled()
    sheet.to.setText(str(has + 2))
    sheet.go.click()
    dialog = await plan_of(stage)
    assert not dialog.ask.field.isVisible()
    await carry_out(stage, dialog)
    await stage.until(lambda: stage.topics.detail.partitions.total == has + 2)


async def test_records_are_deleted_before_an_offset_on_one_partition(stage: Stage) -> None:
    await on_topic(stage)
    run_action(stage, "topics.empty")
    sheet = sheet_of(stage, EmptyingSheet)
    assert (sheet.go.isEnabled(), sheet.value.isVisible()) == (True, False)
    sheet.anchor.setCurrentIndex(sheet.anchor.findData(Anchor.TIME))
    for text in ("", "yesterday"):
        sheet.value.setText(text)
        assert not sheet.go.isEnabled()
    sheet.anchor.setCurrentIndex(sheet.anchor.findData(Anchor.OFFSET))
    sheet.value.setText("2")
    sheet.partitions.setText("0 and 1")
    assert sheet.why_not() == "Partitions are numbers: 0, 3."
    sheet.partitions.setText("0")
    sheet.go.click()
    dialog = await plan_of(stage)
    assert not dialog.ask.confirm.isEnabled(), "records are lost"
    dialog.ask.field.setText("orders")
    await carry_out(stage, dialog)
    assert stage.world.cluster.log(TopicPartition("orders", 0)).start == 2


async def test_what_could_go_wrong_stands_above_rows_that_are_many(stage: Stage) -> None:
    stage.world.cluster.add_topic("wide", 40)
    await on_topic(stage)
    await stage.until(lambda: "wide" in [row.name for row in stage.topics.model.rows])
    for topic, above in (("orders", False), ("wide", True), ("orders", False)):
        await on_topic(stage, topic)
        run_action(stage, "topics.empty")
        sheet_of(stage, EmptyingSheet).go.click()
        dialog = await plan_of(stage)
        assert isinstance(dialog.preview, ChangePreview)
        assert (dialog.preview.cautions.y() < dialog.preview.rows.y()) is above
        dialog.lift()


async def test_settings_are_shown_with_kafkas_words_changed_reset_and_given_back(stage: Stage) -> None:
    own = stage.world.cluster.logged["orders"].settings
    own["retention.ms"] = "60000"
    await on_topic(stage)
    stage.topics.detail.tabs.choose("settings")
    tab = stage.topics.detail.settings
    await stage.until(lambda: tab.shows_content and tab.model.total > 0)
    assert [row.name for row in tab.model.rows][:2] == ["retention.ms", "cleanup.policy"], "changed ones first"
    assert not any(button.isEnabled() for button in tab.buttons.values())

    tab.settings.table.choose("cleanup.policy")
    await stage.until(tab.buttons["Change setting…"].isEnabled)
    assert "What Kafka says of cleanup.policy." in tab.settings.about.text()
    assert not tab.buttons["Reset setting…"].isEnabled()
    tab.buttons["Change setting…"].click()
    sheet = sheet_of(stage, SettingSheet)
    sheet.value.setText("compact")
    sheet.go.click()
    await carry_out(stage, await plan_of(stage))
    assert own["cleanup.policy"] == "compact"
    await stage.until(lambda: tab.selected is not None and tab.selected.value == "compact")

    await stage.until(tab.buttons["Reset setting…"].isEnabled)
    tab.buttons["Change setting…"].click()
    assert sheet_of(stage, SettingSheet).why_not() == "It has this value already."
    sheet_of(stage, SettingSheet).lift()
    tab.buttons["Reset setting…"].click()
    await carry_out(stage, await plan_of(stage))
    assert "cleanup.policy" not in own
    stage.outcome.undo.click()
    await carry_out(stage, await plan_of(stage))
    assert own == {"retention.ms": "60000", "cleanup.policy": "compact"}
    await stage.until(lambda: tab.selected is not None and tab.selected.value == "compact")
    own["cleanup.policy"] = "delete"
    stage.window.refresh()
    await stage.until(lambda: tab.selected is not None and tab.selected.value == "delete")


async def test_the_menus_of_a_topic_offer_its_writes(stage: Stage) -> None:
    await on_topic(stage)
    table = stage.topics.table
    menu = row_menu(table, table.rows.index(0, 1))
    assert [action.text() for action in menu.actions()][:4] == WRITES
    stage.topics.detail.writes.click()
    (opened,) = stage.topics.detail.writes.findChildren(QMenu)
    assert [action.text() for action in opened.actions()] == WRITES
    opened.actions()[0].trigger()
    assert stage.topics.detail.tabs.current == "settings"
    opened.close()
    menu.deleteLater()


async def test_kafkas_own_topics_are_left_alone(stage: Stage) -> None:
    stage.world.cluster.add_topic("__consumer_offsets")
    await stage.until(
        lambda: (
            stage.window.view is not None
            and stage.window.view.topics is not None
            and "__consumer_offsets" in stage.window.view.topics.names
        )
    )
    await on_topic(stage, "__consumer_offsets")
    refused = {one.id: one.why_not() for one in stage.topics.actions_of_page()}
    assert (refused.pop("topics.create"), refused.pop("topics.settings")) == ("", "")
    assert set(refused.values()) == {"This topic is Kafka's own"}


class TestReadOnly:
    """A read-only profile."""

    @pytest.fixture
    def profile(self) -> ConnectionProfile:
        return replace(PROFILE, read_only=True)

    async def test_every_write_is_shown_and_says_why_not(self, stage: Stage) -> None:
        await on_topic(stage)
        assert not stage.topics.create_button.isEnabled()
        assert stage.topics.create_button.toolTip() == "This profile is read-only"
        refused = {one.id: one.why_not() for one in stage.topics.actions_of_page()}
        assert refused.pop("topics.settings") == "", "they may be looked at"
        assert set(refused.values()) == {"This profile is read-only"}
        row = stage.topics.table.selected
        assert row is not None
        assert {link.why_not for link in stage.topics.topic_actions.links(row)[1:]} == {"This profile is read-only"}
