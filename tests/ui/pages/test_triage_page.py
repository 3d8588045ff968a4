"""The Triage page on a fake cluster, from the first sample to a chosen byte."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import Mock

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from kafkaview.cluster.errors import Unreachable
from kafkaview.decode.json_text import Json
from kafkaview.decode.topics import find_problem
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.terms import UNKNOWN_OFFSETS, Record
from kafkaview.triage.neighbours import Around, read_around
from kafkaview.triage.watch.unseen import UnseenGroups
from kafkaview.triage.watch.verdict import Verdict
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.triage.incident_model import ROLE, SectionHead
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.ui.writes.reroute_preview import ReroutePreview
from tests.kit.fake_cluster import FakeCluster
from tests.ui.pages.conftest import PROFILE, Stage
from tests.ui.pages.samples import stuck


async def test_the_page_counts_down_before_it_judges(stage: Stage) -> None:
    findings: list[str] = []
    stage.triage.finding_changed.connect(findings.append)
    await stage.until(lambda: any(f.startswith("Watching 5 groups, first verdicts in about") for f in findings))
    await stage.until(lambda: findings[-1] == "4 groups stand still, 3 of them on one record")


async def test_the_pane_says_which_record_and_marks_its_byte(stage: Stage) -> None:
    await stage.choose("billing")
    pane = stage.triage.pane
    assert pane.head.sentence.text() == "billing cannot read this record: byte 50 of the value is not UTF-8"
    assert "The same record stops audit and shipping." in pane.head.facts.text()
    assert pane.record.value.hex.marked == range(50, 51)
    assert pane.head.send_button.isVisible()


async def test_a_time_in_microseconds_is_shown_as_what_it_likely_is(stage: Stage) -> None:
    await stage.choose("billing")
    block, around = stage.triage.pane.record, await _around(stage)
    assert around.record is not None
    block.show_record(_with(around, replace(around.record, timestamp_ms=1_700_000_000_000_000)), around.offset)
    assert "microseconds? 2023-11-14" in block.facts.text()
    assert block.value._data == around.record.value


async def test_no_record_stands_under_anothers_name_whatever_fails(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.choose("billing")
    block, around = stage.triage.pane.record, await _around(stage)
    with monkeypatch.context() as broken:
        broken.setattr("kafkaview.ui.record.record_block._text", Mock(side_effect=OverflowError("too far")))
        for _ in range(2):
            block.show_record(around, around.offset - 1)
            assert "could not be shown: OverflowError" in block.facts.text()
            assert block.value._data is None
    block.show_record(around, around.offset)
    assert around.record is not None
    assert block.value._data == around.record.value


async def test_headers_that_cannot_be_read_say_why(stage: Stage) -> None:
    around = await _around(stage)
    assert around.record is not None
    odd = replace(around.record, value=b"{}", headers=None, unreadable_header=b"\xff\xfe")
    problem = find_problem(odd, Json(), None)
    assert problem is not None
    block = stage.triage.pane.record
    block.show_record(replace(_with(around, odd), problems={odd.offset: problem}), odd.offset)
    assert block.segments.current == "headers"
    assert block._headers._none.text().endswith("byte 0 of the name of a header is not UTF-8 (ff fe).")
    assert (block.value._data, block.value.hex.marked) == (b"{}", range(0))


async def _around(stage: Stage) -> Around:
    poison = stage.world.poison
    return await read_around(stage.session, poison.topic_partition, poison.offset)


async def test_a_byte_of_the_key_is_marked_in_the_key(stage: Stage) -> None:
    around = await _around(stage)
    assert around.record is not None
    broken = replace(around.record, key=b'{"id":')
    problem = find_problem(broken, None, Json())
    assert problem is not None
    stage.triage.pane.record.show_record(
        replace(_with(around, broken), problems={**around.problems, broken.offset: problem}), broken.offset
    )
    block = stage.triage.pane.record
    assert (block.key.hex.marked, block.value.hex.marked) == (range(5, 6), range(0))
    assert block.segments.current == "key"


def _with(around: Around, record: Record) -> Around:
    return replace(around, records={**around.records, record.offset: record})


async def test_a_clicked_cell_shows_that_record_below(stage: Stage) -> None:
    await stage.choose("billing")
    pane = stage.triage.pane
    pane.strip.chosen.emit(stage.world.poison.offset + 2)
    await stage.until(lambda: not pane.record.value.hex.marked)
    assert pane.offset == stage.world.poison.offset + 2


async def test_a_neighbour_far_away_is_read_when_it_is_looked_at(stage: Stage) -> None:
    await stage.choose("billing")
    pane = stage.triage.pane
    pane.look_at(0)
    await stage.until(lambda: not stage.window.tasks.is_running("triage.record") and pane.offset == 0)
    assert not pane.record.value.hex.marked


async def test_a_clicked_decoder_marks_its_byte_again(stage: Stage) -> None:
    await stage.choose("billing")
    block = stage.triage.pane.record
    block.value.mark(3, 1)
    block.segments.choose("key")
    block.decoders.picked.emit(50, 1)
    assert block.value.hex.marked == range(50, 51)
    assert block.segments.current == "hex"


async def test_partitions_that_nobody_reads_offer_no_skip(stage: Stage) -> None:
    await stage.choose("reports")
    head = stage.triage.pane.head
    assert head.sentence.text() == "No member is in reports; a reader that assigns itself would not be seen"
    assert not head.send_button.isVisible()
    assert not head.send_anyway.isVisible()


async def test_the_filter_leaves_the_rows_that_fit(stage: Stage) -> None:
    await stage.choose("billing")
    stage.triage.filter.setText("ship")
    await stage.until(lambda: stage.triage.pane.incident and stage.triage.pane.incident.group == "shipping")


async def test_an_unreadable_record_has_the_brokers_error(stage: Stage) -> None:
    await stage.choose("billing")
    stage.world.cluster.failures["read"] = Unreachable("broker 2 does not answer")
    stage.triage.pane.look_at(0)
    await stage.until(lambda: "broker 2 does not answer" in stage.triage.pane._unread.text())
    assert stage.triage.pane._unread.isVisible()


async def test_a_record_whose_leader_is_silent_says_so_with_what_was_last_known(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.choose("reports")
    poison, pane = stage.world.poison, stage.triage.pane
    stage.grows = False
    stage.world.cluster.frozen.add("read")
    stage.triage.go_to(Place("triage", "billing"))
    await stage.until(lambda: pane.incident is not None and pane.incident.group == "billing")
    assert pane._unread.isVisible(), "the bytes of another incident are gone at once"
    assert pane._unread.text().startswith(f"Reading orders:1 @ {poison.offset}. Last known: billing had committed ")
    leader = stage.world.cluster.log(poison.topic_partition).leader
    monkeypatch.setattr(FakeCluster, "_bounds", lambda *_place: UNKNOWN_OFFSETS)
    pane.look_at(0)
    await stage.until(lambda: "No bytes yet: " in pane._unread.text())
    said = f"No bytes yet: Broker {leader}, which leads orders:1, does not answer. Last known: billing had committed "
    assert pane._unread.text().startswith(said)
    assert "could not be read: byte 50 of the value is not UTF-8" in pane._unread.text()
    stage.world.cluster.frozen.clear()
    monkeypatch.undo()
    await stage.until(pane.record.isVisible)


async def test_nothing_can_be_sent_while_nobody_answers(stage: Stage) -> None:
    await stage.choose("billing")
    gone = Unreachable("no broker answers")
    for call in ("describe", "topics", "groups", "offsets", "committed_offsets"):
        stage.world.cluster.failures[call] = gone
    button = stage.triage.pane.head.send_button
    await stage.until(lambda: not button.isEnabled())
    assert button.toolTip() == "Not connected: what is shown is what was last known"
    stage.world.cluster.failures.clear()
    stage.window._banner.action.click()  # "Try now": by itself the next look may be ten seconds away
    await stage.until(button.isEnabled)


async def test_groups_and_triage_lead_to_each_other(stage: Stage) -> None:
    await stage.choose("billing")
    stage.triage.pane.head.look_at_group.emit()
    await stage.until(lambda: stage.groups.table.selected and stage.groups.table.selected.name == "billing")
    assert stage.groups.detail.chip.accessibleName() == "Stuck on a poison record"
    stage.groups.detail.open.click()
    assert stage.triage.isVisible()


async def test_the_cuts_of_groups_count_and_cut(stage: Stage) -> None:
    await stage.choose("billing")
    stage.window.go(Place("groups"))
    stage.groups.cuts.choose("stuck")
    assert {row.name for row in stage.groups.model.rows} == {"audit", "billing", "shipping"}
    view = stage.window.view
    assert view is not None

    def named() -> list[str]:
        return [button.text() for button in stage.groups.cuts.findChildren(QPushButton)]

    assert named() == ["All 5", "Stuck 3", "Behind 0", "No members 1"]
    unlisted = UnseenGroups(None, 2, "broker 2 does not answer")
    stage.groups.show_view(replace(view, unseen=(unlisted,)))
    assert named() == ["All ≥ 5", "Stuck ≥ 3", "Behind ≥ 0", "No members ≥ 1"]
    stage.groups.show_view(replace(view, unseen=(replace(unlisted, group="audit", partly=True),)))
    assert named() == ["All 5", "Stuck ≥ 3", "Behind ≥ 0", "No members 1"]
    assert view.groups is not None
    no_lag = np.full(5, -1, np.int64)
    stage.groups.show_view(replace(view, groups=replace(view.groups, lag=no_lag)))
    assert named() == ["All 5", "Stuck 3", "Behind –", "No members 1"]
    no_lag[0] = 0
    stage.groups.show_view(replace(view, groups=replace(view.groups, lag=no_lag)))
    assert named() == ["All 5", "Stuck 3", "Behind ≥ 0", "No members 1"]


async def test_topics_show_settings_when_they_are_looked_at(stage: Stage) -> None:
    await stage.choose("billing")
    stage.window.go(Place("topics", "orders"))
    await stage.until(lambda: stage.topics.table.selected)
    assert stage.topics.detail.settings.model.total == 0
    stage.topics.detail.tabs.choose("settings")
    await stage.until(lambda: stage.topics.detail.settings.model.total > 0)


async def test_ctrl_enter_opens_the_plan(stage: Stage) -> None:
    await stage.choose("billing")
    from kafkaview.ui.kit.sheets import Veil

    stage.window.activateWindow()
    QTest.keyClick(stage.triage.list, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await stage.until(lambda: Veil.over(stage.window) is not None)


class TestReadOnly:
    """A read-only profile."""

    @pytest.fixture
    def profile(self) -> ConnectionProfile:
        return replace(PROFILE, read_only=True)

    async def test_the_button_is_there_and_says_why_it_cannot_be_used(self, stage: Stage) -> None:
        await stage.choose("billing")
        button = stage.triage.pane.head.send_button
        assert button.isVisible()
        assert not button.isEnabled()
        assert button.toolTip() == "This profile is read-only"

    async def test_its_plan_can_be_seen_and_the_line_copied(self, stage: Stage) -> None:
        await stage.choose("billing")
        stage.triage.pane.head.plan_button.click()
        sheet = Veil.over(stage.window)
        assert isinstance(sheet, PlanDialog)
        await stage.until(lambda: sheet.plan is not None and not stage.window.tasks.is_running("plan"))
        assert not sheet.ask.confirm.isEnabled()
        assert sheet.ask._said.text() == "This profile is read-only"
        assert isinstance(sheet.preview, ReroutePreview)
        sheet.preview._command._copy.click()
        assert QGuiApplication.clipboard().text().startswith("kafkaview --bootstrap fake:9092 reroute")


async def test_keys_and_palette_send_nothing_that_is_not_in_front(stage: Stage) -> None:
    await stage.choose("billing")
    page = stage.triage
    by_id = {one.id: one for one in page.actions_of_page()}
    assert by_id["triage.send"].why_not() == ""
    page.panes.setCurrentWidget(page.kept_pane)  # the incident stays behind it
    assert by_id["triage.send"].why_not() == "No poison record is chosen"
    assert by_id["triage.skip"].why_not() == "No group is chosen that stands on a record"
    page.panes.setCurrentWidget(page.pane)
    assert page._view is not None
    page.pane.show_fate(page._view, None)
    assert by_id["triage.send"].why_not() == "No poison record is chosen"


async def test_the_title_counts_the_groups_that_groups_calls_stuck(stage: Stage) -> None:
    again = stuck("billing", place="orders:1")
    undecided = stuck("mail", Verdict.UNDECIDED), stuck("audit", Verdict.UNDECIDED)
    stage.triage._take((stuck("billing"), again, *undecided, stuck("old", Verdict.NO_MEMBERS)))  # which nobody runs
    assert stage.window.windowTitle().startswith("3 stuck - ")


async def test_the_plot_grows_with_the_window(stage: Stage) -> None:
    await stage.choose("billing")
    lag, widths = stage.triage.pane.lag, list[int]()
    for width in (1280, 1920):
        stage.window.resize(width, 1000)
        await stage.until(lambda width=width: stage.window.width() == width and lag.isVisible())  # type: ignore[misc]
        QApplication.processEvents()
        widths.append(lag.width())
    assert widths[1] > widths[0] + 200, widths


async def test_enter_does_the_main_thing_with_an_incident_and_with_a_topic(stage: Stage) -> None:
    await stage.choose("billing")
    stage.triage.list.setFocus()
    QTest.keyClick(stage.triage.list, Qt.Key.Key_Return)
    sheet = Veil.over(stage.window)
    assert isinstance(sheet, PlanDialog)
    await stage.until(lambda: sheet.plan is not None and not stage.window.tasks.is_running("plan"))
    sheet.lift()
    stage.window.go(Place("topics", "payments"))
    table = stage.topics.table
    await stage.until(lambda: table.selected is not None and table.selected.name == "payments")
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Return)
    page = stage.window._front_page()
    assert page is not None
    assert page.place().what.startswith("payments")


async def test_what_is_not_judged_again_yet_is_greyed(stage: Stage) -> None:
    await stage.choose("billing")
    view = stage.triage._view
    assert view is not None
    stage.window.tasks.cancel("watch")
    for judged in (False, True):
        stage.triage.show_view(replace(view, judged=judged))
        assert stage.triage.list._model.stale is not judged
        assert "billing" in {row.group for row in stage.triage._rows}


async def test_a_section_head_takes_nothing_away_and_what_is_shown_stays_true(stage: Stage) -> None:
    await stage.choose("billing")
    pane, listed, poison = stage.triage.pane, stage.triage.list, stage.world.poison
    rows = [listed.model().index(row, 0) for row in range(listed.model().rowCount())]
    head = next(one for one in rows if isinstance(one.data(ROLE), SectionHead))
    QTest.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=listed.visualRect(head).center())
    assert pane.incident is not None
    assert listed.holds(pane.incident.key), "a head that does not fold cannot be chosen"
    listed.setCurrentIndex(head)  # as with the keyboard
    before = pane.head.facts.text()
    await stage.until(lambda: pane.head.facts.text() != before)
    stage.world.cluster.commit("billing", poison.topic_partition, poison.offset + 1)
    await stage.until(lambda: pane.fate is not None)
    assert not pane.head.send_button.isVisible()
