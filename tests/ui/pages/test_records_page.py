"""The Records page on the fake cluster: what is read, shown, filtered, followed and refused."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication

from kafkaview.cluster.errors import ReadRefused, Unreachable
from kafkaview.records.follow import Arrival
from kafkaview.terms import RecordId, RemovalCause, RemovedOffsets, TopicPartition
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.query_view import QueryState
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.records.filters_menu import FilterNameSheet
from kafkaview.ui.pages.records.jump import JumpSheet, parse_jump
from kafkaview.ui.pages.records.page import RecordsPage
from kafkaview.ui.window.palette import Palette
from tests.ui.pages.conftest import Stage


def records(stage: Stage) -> RecordsPage:
    page = stage.window.pages["records"]
    assert isinstance(page, RecordsPage)
    return page


async def read(stage: Stage, what: str) -> RecordsPage:
    stage.grows = False
    page = records(stage)
    stage.window.go(Place("records", what))
    await stage.until(lambda: page.loaded.rows and not page.loaded.running)
    return page


async def opened(stage: Stage, page: RecordsPage) -> None:
    await stage.until(lambda: page.pane.record is not None)


async def test_a_topic_shows_its_newest_records_first(stage: Stage) -> None:
    page = await read(stage, "orders")
    created = [row.timestamp_ms or 0 for row in page.model.rows]
    assert len(created) == 200
    assert created == sorted(created, reverse=True)
    assert page.foot.words.text().startswith("200 of 602 records, read in ")
    assert page.foot.more.text() == "Load older"


async def test_older_records_are_added_without_a_gap(stage: Stage) -> None:
    page = await read(stage, "orders")
    page.foot.more.click()
    await stage.until(lambda: len(page.loaded.rows) == 400)
    offsets: dict[int, list[int]] = {}
    for row in page.loaded.rows.values():
        offsets.setdefault(row.partition, []).append(row.offset)
    for own in offsets.values():
        assert sorted(own) == list(range(min(own), max(own) + 1))


async def test_a_record_of_a_place_is_selected_and_shown_in_full(stage: Stage) -> None:
    page = await read(stage, str(stage.world.poison))
    await opened(stage, page)
    record = page.pane.record
    assert record is not None
    assert record.id == stage.world.poison
    assert "not UTF-8" in page.pane.views.value.toPlainText()
    assert [row.header.key for row in page.pane.headers._model.rows] == ["trace", "source", "source"]
    assert page.place().what == str(stage.world.poison)
    assert page.foot.failed.text() == "1 cannot be decoded"


async def test_only_what_cannot_be_decoded_is_shown_on_request(stage: Stage) -> None:
    page = await read(stage, str(stage.world.poison))
    page.foot.show_failed.click()
    assert [row.offset for row in page.model.rows] == [stage.world.poison.offset]
    page.foot.show_failed.click()
    assert page.model.rowCount() > 1


async def test_a_filter_keeps_what_fits_as_one_types(stage: Stage) -> None:
    page = await read(stage, "orders")
    page.filters.field.setText("c-0007")
    assert 0 < page.model.rowCount() < 200
    assert all(row.key == "c-0007" for row in page.model.rows)
    page.filters.field.setText("")
    assert page.model.rowCount() == 200


async def test_the_arrows_of_the_pane_step_through_the_table(stage: Stage) -> None:
    page = await read(stage, "orders")
    page.table.choose(page.model.key_at(3))
    await opened(stage, page)
    page.pane.step.emit(1)
    assert page.table.selected == page.model.rows[4]


async def test_a_position_that_is_none_is_refused_and_the_records_stay(stage: Stage) -> None:
    page = await read(stage, "orders")
    page.range.start.show_value("@yesterday")
    page.range.read_button.click()
    assert "'yesterday' is no time" in page._refusal.text()
    assert page.model.rowCount() == 200
    page.range.start.show_value("beginning")
    page.range.partitions.show_value("0,x")
    page.range.read_button.click()
    assert "are no partitions" in page._refusal.text()


async def test_a_cluster_that_does_not_answer_is_said_in_the_page(stage: Stage) -> None:
    stage.world.cluster.failures["read"] = Unreachable("broker 2 does not answer")
    page = records(stage)
    stage.window.go(Place("records", "payments"))
    await stage.until(lambda: not page.room.shows_content and page.room.state.value == "failed")


async def test_the_right_that_is_missing_is_that_to_the_one_topic(stage: Stage) -> None:
    stage.world.cluster.failures["read"] = ReadRefused("not allowed", topics=frozenset(("payments",)))
    page = records(stage)
    stage.window.go(Place("records", "payments"))
    await stage.until(lambda: page.room.state is QueryState.LOCKED)
    assert page.room.command.endswith("--operation Read --topic payments")


async def test_new_records_come_on_top_while_they_are_followed(stage: Stage) -> None:
    page = await read(stage, "payments")
    count = len(page.loaded.rows)
    page.range.follow_button.click()
    await stage.until(lambda: "following" in page.foot.words.text() or "Waiting" in page.foot.words.text())
    assert page.range.follow_button.text().startswith("Pause")
    added = stage.world.cluster.add_record("payments", b'{"late":1}')
    await stage.until(lambda: len(page.loaded.rows) == count + 1)
    assert page.model.rows[0].offset == added.offset
    page.range.follow_button.click()
    await stage.until(lambda: page.range.follow_button.text() == "Follow")
    assert not page.reading.follows, "the key follows again"
    assert page.foot.words.text() == f"{count + 1} records shown, not followed any more"


async def test_what_is_followed_and_not_shown_is_said(stage: Stage) -> None:
    page = await read(stage, "orders")
    page.loaded.begin_following()
    lost = RemovedOffsets(TopicPartition("orders", 1), 5, 9, RemovalCause.RETENTION)
    page.loaded.add_arrival(Arrival(hidden=3, failed=1, failure="no such key", gaps=(lost,)), page.table)
    assert page.foot.words.text() == (
        "200 records shown, following. 3 records more are left out: they came faster than they are shown. The "
        "filter failed on 1 record that may match: no such key. orders:1 lost 4 offsets, 5 to 8, "
        "to retention or DeleteRecords"
    )
    page.loaded.begin_following()
    page.loaded.add_arrival(Arrival(), page.table)
    assert page.foot.words.text() == "200 records shown, following", "that was said of the follow before"


async def test_the_rows_of_a_topic_that_was_made_anew_go_when_it_is_followed(stage: Stage) -> None:
    page = await read(stage, "orders")
    assert page.shown._topic_id == (await stage.world.cluster.topic("orders")).id
    page.shown._topic_id = b"the topic before"
    page.foot.more.click()
    await stage.until(lambda: page.room.state is QueryState.FAILED or "made anew" in page.room.banner.accessibleName())
    page.range.follow_button.click()
    await stage.until(lambda: "The topic orders was deleted and made anew" in page.foot.words.text())
    await stage.until(lambda: 0 < len(page.loaded.rows) < 200)
    page.range.follow_button.click()
    await stage.until(lambda: not page.reading.follows)


async def test_a_follow_that_is_cancelled_before_its_first_step_is_not_taken_for_one_that_runs(stage: Stage) -> None:
    page = await read(stage, "payments")
    page.range.follow_button.click()
    stage.window.tasks.cancel_newest()  # in the same turn of the loop
    await stage.until(lambda: page.range.follow_button.text() == "Follow")
    assert (page.reading.follows, page.reading.runs, page.loaded.running) == (False, False, False)
    assert page.foot.words.text().endswith("not followed any more")
    page.range.follow_button.click()
    await stage.until(lambda: "following" in page.foot.words.text())
    assert page.reading.follows


async def test_what_is_shown_stays_while_nobody_answers_and_is_read_again_when_somebody_does(stage: Stage) -> None:
    page = await read(stage, "payments")
    count = len(page.loaded.rows)
    stage.world.cluster.failures["read"] = Unreachable("broker 2 does not answer")
    page.range.read_button.click()
    await stage.until(lambda: page.room.banner.isVisible() and not page.loaded.running)
    assert (page.model.rowCount(), page.room.shows_content) == (count, True)
    assert page.foot.words.text().startswith(f"{count} records, read in "), "nothing was read a second time"
    stage.world.cluster.failures.clear()
    stage.world.cluster.add_record("payments", b'{"late":1}')
    await stage.until(lambda: len(page.loaded.rows) == count + 1)
    assert not page.room.banner.isVisible()


async def test_nothing_is_read_again_while_the_leader_is_away(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    page = await read(stage, "payments")
    stage.world.cluster.failures["read"] = Unreachable("broker 2 does not answer")
    page.range.read_button.click()
    await stage.until(lambda: page.room.banner.isVisible() and not page.loaded.running)
    view = stage.window.view
    assert view is not None
    assert view.topics is not None
    page.shown.again._failed_at_ms = 0
    begun: list[str] = []
    monkeypatch.setattr(page.shown.again, "_do", lambda: begun.append("read"))
    nobody = np.zeros(len(view.topics.names), np.bool_)
    page.show_view(replace(view, topics=replace(view.topics, records_complete=nobody)))
    page.show_view(replace(view, topics=replace(view.topics, offline=np.ones(len(nobody), np.int32))))
    page.show_view(replace(view, stale=True))
    assert not begun
    page.show_view(view)
    assert begun == ["read"]


async def test_a_search_of_the_same_topic_that_finds_nothing_takes_the_rows_away(stage: Stage) -> None:
    page = await read(stage, "payments")
    page.filters.kinds.choose("cel")
    page.filters.field.setText("offset > 1000000")
    page.filters.searched.emit()
    await stage.until(lambda: page.room.state is QueryState.EMPTY)
    assert page.model.rowCount() == 0


async def test_following_goes_on_when_brokers_answer_again(stage: Stage) -> None:
    page = await read(stage, "payments")
    count = len(page.loaded.rows)
    page.range.follow_button.click()
    stage.world.cluster.add_record("payments", b'{"late":1}')
    await stage.until(lambda: len(page.loaded.rows) == count + 1)
    page.reading.cancel()
    await stage.until(lambda: not page.reading.follows)
    page.shown._show_error(Unreachable("broker 2 does not answer"))
    stage.world.cluster.add_record("payments", b'{"late":2}')
    await stage.until(lambda: len(page.loaded.rows) == count + 2)
    assert page.reading.follows
    page.reading.cancel()
    await stage.until(lambda: not page.reading.runs)


async def test_the_forms_of_a_copy_are_the_records_own(stage: Stage) -> None:
    page = await read(stage, str(stage.world.poison))
    await opened(stage, page)
    record = page.pane.record
    assert record is not None
    forms = dict(page.opened.copy_forms(record))
    assert f'"offset": {record.id.offset}' in (forms["JSON"] or "")
    place = TopicPartition("orders", 1)
    assert forms["kafkaview line"] is not None
    assert f"--partition {place.partition} --from {record.id.offset} --max 1" in forms["kafkaview line"]
    assert forms["kcat line"] == f"kcat -b fake:9092 -C -t orders -p 1 -o {record.id.offset} -c 1"
    page.pane._copy_place()
    assert QGuiApplication.clipboard().text() == str(record.id)


async def test_the_record_before_with_the_same_key_is_found(stage: Stage) -> None:
    page = await read(stage, "orders")
    page.table.choose(page.model.key_at(0))
    await opened(stage, page)
    first = page.pane.record
    assert first is not None
    assert first.key is not None
    page.pane.same_key.emit(-1)
    await stage.until(lambda: page.pane.record is not None and page.pane.record != first)
    found = page.pane.record
    assert found is not None
    assert first.key is not None
    own = [
        record.offset
        for record in stage.world.cluster.log(first.id.topic_partition).entries
        if record is not None and record.key == first.key.head and record.offset < first.id.offset
    ]
    assert len(own) > 1
    assert (found.id.partition, found.id.offset) == (first.id.partition, max(own))


async def test_a_record_that_is_found_outside_the_table_stays_in_the_pane(stage: Stage) -> None:
    page = await read(stage, str(stage.world.poison))
    place = stage.world.poison
    page.table.choose((place.partition, place.offset + 35))  # its key is in the table once, and once before it
    await stage.until(lambda: page.pane.record is not None and page.pane.record.id.offset == place.offset + 35)
    first = page.pane.record
    page.pane.same_key.emit(-1)
    await stage.until(lambda: page.pane.record is not None and page.pane.record != first)
    await stage.until(lambda: not page.table._rest.isActive() and page.table.selected is None)
    assert page.pane.isVisible()
    page.pane.closed.emit()
    assert not page.pane.isVisible()


async def test_an_expression_is_checked_while_it_is_typed_and_searches_the_range(stage: Stage) -> None:
    page = await read(stage, str(stage.world.later))
    page.filters.kinds.choose("cel")
    said = page.filters.verdict
    page.filters.field.setText("value.order_id ==")
    await stage.until(lambda: "no CEL expression" in said.text())
    page.filters.field.setText("orderid == 1")
    await stage.until(lambda: "at character 1: there is no variable orderid" in said.text())
    page.range.start.show_value("newest")
    assert page.range.start.currentText() == "Oldest first"
    page.filters.field.setText("")
    assert (page.range.start.currentText(), page.range.start.value) == ("Newest 200", "newest")
    page.range.start.setEditText("@yester")
    page.filters.field.setText('value.order_id == "o-7"')
    assert page.range.start.value == "@yester", "what is typed stays"
    await stage.until(lambda: "Enter searches" in said.text())
    page.range.start.show_value("beginning")
    page.range.partitions.show_value("")
    page.filters.searched.emit()
    await stage.until(lambda: not page.loaded.running)
    assert {row.offset for row in page.model.rows} == {7}
    assert page.foot.words.text().startswith("3 of ")
    page.filters.field.setText("value.amount > 60.0")
    page.filters.searched.emit()
    await stage.until(lambda: not page.loaded.running and "failed on" in page.foot.words.text())
    assert "The filter failed on 1 record that may match: orders:2:60: " in page.foot.words.text()


async def test_a_search_that_finds_nothing_says_how_much_it_read(stage: Stage) -> None:
    page = records(stage)
    stage.grows = False
    page.filters.kinds.choose("cel")
    page.filters.field.setText('key == "nobody"')
    page.range.topic.show_text("payments")
    page.range.start.show_value("beginning")
    stage.window.go(Place("records"))
    page.filters.searched.emit()
    await stage.until(lambda: not page.loaded.running and page.room.state.value == "empty")
    assert page.foot.words.text().startswith("0 of 20 records match")


async def test_the_palette_goes_to_a_record_that_is_typed(stage: Stage) -> None:
    page = records(stage)
    await stage.until(lambda: stage.window.view is not None and stage.window.view.topics is not None)
    stage.window.deeds.open_palette()
    palette = Veil.over(stage.window)
    assert isinstance(palette, Palette)
    palette.field.setText(str(stage.world.poison))
    assert [entry.note for entry in palette.found] == ["record"]
    palette.found[0].do()
    palette.lift()
    await opened(stage, page)
    assert page.pane.record is not None
    assert page.pane.record.id == stage.world.poison


async def test_a_format_that_is_chosen_is_kept_and_reads_what_is_there_without_another_read(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await read(stage, "payments")
    page.table.choose(page.model.key_at(0))
    await opened(stage, page)
    assert not any(row.problem for row in page.loaded.rows.values())
    monkeypatch.setattr(page.reading, "read", lambda _request: pytest.fail("the records are at hand"))
    page.filters.value_format.show_value("msgpack")
    page.filters.decoded.emit()
    await stage.until(lambda: all(row.problem for row in page.loaded.rows.values()))
    assert page.foot.failed.text() == "20 cannot be decoded"
    await stage.until(lambda: page.pane.facts["Decoded as"].text() != "JSON")
    assert page.filters.choice.value == "msgpack"
    page.filters.value_format.show_value("max-bytes:many")
    page.filters.decoded.emit()
    await stage.until(lambda: "max-bytes" in page._refusal.text())


async def test_what_a_search_found_is_searched_again_in_another_format(stage: Stage) -> None:
    page = await read(stage, "payments")
    page.filters.show_expression("value.amount > 10.0")
    page.filters.searched.emit()
    await stage.until(lambda: not page.loaded.running and 0 < len(page.loaded.rows) < 20)
    page.filters.value_format.show_value("msgpack")
    page.filters.decoded.emit()
    await stage.until(lambda: not page.loaded.running and not page.loaded.rows)


async def test_an_export_writes_the_whole_range_into_a_file(stage: Stage, tmp_path: Path) -> None:
    page = await read(stage, "orders")
    request = page._ask()
    assert request is not None
    whole = replace(request, limit=None, newest_first=False)
    page.export.begin(whole, tmp_path / "out", "JSON lines, every byte (*.jsonl)")
    await stage.until(lambda: "written to" in page.foot.words.text())
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 602
    page.export.begin(whole, tmp_path / "no" / "such.csv", "CSV (*.csv)")
    await stage.until(lambda: "Not exported" in page.foot.words.text())


async def test_an_export_of_what_is_shown_writes_the_rows_alone(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await read(stage, "orders")
    row = page.model.rows[0]
    page.model.set_filter(str(row.offset))
    shown = sorted((one.partition, one.offset) for one in page.model.rows)
    assert 0 < len(shown) < len(page.loaded.rows)
    begin = partial(page.export.begin, path=tmp_path / "out", kind="JSON lines, every byte (*.jsonl)")
    monkeypatch.setattr(page.export, "choose_file", begin)
    page.range.topic.show_text("payments")  # the rows are of orders all the same
    page.export_shown()
    await stage.until(lambda: "written to" in page.foot.words.text())
    lines = map(json.loads, (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines())
    assert sorted((line["partition"], line["offset"]) for line in lines if line["topic"] == "orders") == shown


async def test_rows_of_another_topic_than_the_field_names_are_said_to_be(stage: Stage) -> None:
    page = await read(stage, "orders")
    assert page.whose.isHidden()
    page.range.topic.show_text("payments")
    assert page.whose.text() == "These are records of orders. Read shows those of payments."
    assert page.whose.isVisible()
    page.read()
    await stage.until(lambda: page.shown.request is not None and page.shown.request.topic == "payments")
    await stage.until(page.whose.isHidden)


async def test_rows_of_a_topic_that_is_deleted_or_holds_fewer_records_are_said_to_be_its_old_ones(stage: Stage) -> None:
    page = await read(stage, "orders")
    await records(stage).context.engine.refresh()
    cluster = stage.world.cluster
    await cluster.delete_topic("orders")
    await stage.until(lambda: page.whose.text() == "orders was deleted. These are the records that it had.")
    assert page.whose.isVisible()
    cluster.add_topic("orders", 1)
    await records(stage).context.engine.refresh()
    assert page.whose.isVisible(), "the rows are not those of the topic that is there now"

    await read(stage, "payments")
    assert page.whose.isHidden()
    await records(stage).context.engine.refresh()
    del cluster.logged["payments"]
    cluster.add_topic("payments", 1)
    said = "Records of payments were removed since these were read, or it was made anew."
    await stage.until(lambda: page.whose.text() == said)
    page.read()
    await stage.until(page.whose.isHidden)


async def test_a_filter_is_saved_for_its_topic_and_put_back_from_the_menu(stage: Stage) -> None:
    page = await read(stage, "orders")
    page.filters.show_expression("value.amount > 40.0")
    page.filters.searched.emit()
    await stage.until(lambda: page.saved.filters.recent == ("value.amount > 40.0",))
    page.saved._open_sheet()
    sheet = Veil.over(stage.window)
    assert isinstance(sheet, FilterNameSheet)
    assert not sheet.save_button.isEnabled()
    sheet.name.setText("large & late")
    sheet.save_button.click()
    await stage.until(lambda: page.saved.filters.saved == {"large & late": "value.amount > 40.0"})
    assert page.saved.button.text() == "Saved filters 1"
    page.filters.field.setText("")
    entries = [action.text() for action in page.saved.menu().actions()]
    assert entries[0] == "large && late    value.amount > 40.0"
    assert "Save: write a CEL filter first" in entries
    page.saved.menu().actions()[0].trigger()
    assert page.filters.expression == "value.amount > 40.0"
    stage.window.go(Place("records", "payments"))
    await stage.until(lambda: page.saved.button.text() == "Saved filters")
    stage.window.go(Place("records", "orders"))
    await stage.until(lambda: page.saved.button.text() == "Saved filters 1")
    page.saved.forget("large & late")
    await stage.until(lambda: not page.saved.filters.saved)


@pytest.mark.parametrize(
    ("typed", "partition", "wanted"),
    [
        ("1442", 3, RecordId("t", 3, 1442)),
        ("1442", None, "1442"),
        (" 5:1442 ", 3, RecordId("t", 5, 1442)),
        ("-100", 3, "-100"),
        ("2026-01-31T14:02:11Z", None, "@2026-01-31T14:02:11Z"),
        ("@1769868131000", None, "@1769868131000"),
        ("group:billing", None, "group:billing"),
    ],
)
def test_an_offset_a_record_and_a_time_are_places_to_go_to(
    typed: str, partition: int | None, wanted: RecordId | str
) -> None:
    assert parse_jump(typed, "t", partition) == wanted


@pytest.mark.parametrize("typed", ["", "noon", "3:", "@"])
def test_what_is_no_place_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="is no time"):
        parse_jump(typed, "t", 0)


async def test_a_jump_opens_the_record_or_reads_from_the_time(stage: Stage) -> None:
    page = await read(stage, "payments")
    page._open_jump()
    sheet = Veil.over(stage.window)
    assert isinstance(sheet, JumpSheet)
    sheet.field.setText("noon")
    sheet.field.returnPressed.emit()
    assert "'noon' is no time" in sheet.problem.text()
    sheet.field.setText("7")
    sheet.field.returnPressed.emit()
    await stage.until(lambda: page.pane.record is not None and page.pane.record.id == RecordId("payments", 0, 7))
    page._jump("-5")
    await stage.until(lambda: not page.loaded.running and len(page.loaded.rows) == 5)


async def test_the_record_before_with_the_same_key_is_found_where_the_key_is_no_text(stage: Stage) -> None:
    stage.grows = False
    first = stage.world.cluster.add_record("payments", b"1", key=b"\xff\x00\x01")
    stage.world.cluster.add_record("payments", b"2", key=b"\xff\x00\x02")
    last = stage.world.cluster.add_record("payments", b"3", key=b"\xff\x00\x01")
    page = await read(stage, str(last))
    await opened(stage, page)
    page.pane.same_key.emit(-1)
    await stage.until(lambda: page.pane.record is not None and page.pane.record.id == first)
    page.pane.same_key.emit(1)
    await stage.until(lambda: page.pane.record is not None and page.pane.record.id == last)


async def test_a_partition_on_which_the_group_has_committed_nothing_is_said(stage: Stage) -> None:
    page = await read(stage, "orders")
    page.range.start.show_value("group:billing")
    page.read()
    await stage.until(lambda: not page.loaded.running)
    said = page.foot.words.text()
    assert "The group billing has no committed offset on orders:0 and orders:2: read from the beginning" in said


async def test_in_a_small_window_with_large_text_all_fields_can_be_reached(stage: Stage) -> None:
    page = await read(stage, "orders")
    stage.window.resize(800, 560)
    stage.window.theme.set_scale(1.5)
    page.table.choose(page.model.key_at(0))
    await opened(stage, page)
    scrolling = next(area for area in page.findChildren(Roomy) if area.isAncestorOf(page.filters))
    for field in (
        *page.filters.kinds._buttons.values(),
        page.filters.field,
        page.filters.key_format,
        page.filters.value_format,
    ):
        scrolling.ensureWidgetVisible(field)
        await stage.until(lambda: field.visibleRegion().boundingRect().size() == field.size())  # noqa: B023
