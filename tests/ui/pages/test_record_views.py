"""The views of one record on the fake cluster: tree, large values, schema, comparison."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from kafkaview.cluster.errors import SchemaUnavailable
from kafkaview.cluster.ports.schemas import NamedSchema, RegisteredSchema, SchemaReference
from kafkaview.decode.schemas import Schemas
from kafkaview.ui.kit.page import Place
from kafkaview.ui.pages.records.page import RecordsPage
from kafkaview.ui.record.record_views import RecordViews
from tests.ui.pages.conftest import Stage

_MONEY = '{"type":"record","name":"common.Money","fields":[]}'
_SCHEMA = '{"type":"record","name":"Order","fields":[{"name":"id","type":"long"}]}'


async def show(stage: Stage, value: bytes | None) -> RecordViews:
    """Adds a record and shows it."""
    stage.grows = False
    return await go(stage, str(stage.world.cluster.add_record("payments", value, key=b"k")))


async def go(stage: Stage, what: str) -> RecordViews:
    page = stage.window.pages["records"]
    assert isinstance(page, RecordsPage)
    stage.window.go(Place("records", what))
    await stage.until(lambda: page.pane.record is not None and str(page.pane.record.id) == what)
    return page.pane.views


async def test_a_value_is_a_tree_that_is_filtered_and_copied_from(stage: Stage) -> None:
    views = await show(stage, b'{"id":12345678901234567890123,"items":[{"sku":"A-1"},{"sku":"K-7"}],"a":1,"a":2}')
    views.choice.choose("tree")
    tree = views.tree
    root = tree.model.index(0, 0)
    names = [tree.model.index(row, 0, root).data() for row in range(tree.model.rowCount(root))]
    assert names == ["id", "items", "a", "a"]
    assert tree.model.index(0, 1, root).data() == "12345678901234567890123"
    tree.filter.setText("k-7")
    root = tree.model.index(0, 0)
    assert tree.model.rowCount(root) == 1
    items = tree.model.index(0, 0, root)
    found = tree.model.index(0, 0, tree.model.index(0, 0, items))
    assert found.data() == "sku"
    assert tree.view.isExpanded(items)
    assert tree.model.parent(found) == tree.model.index(0, 0, items)
    tree.view.setCurrentIndex(found)
    tree.copy_path()
    assert QGuiApplication.clipboard().text() == "value.items[1].sku"
    tree.copy_value()
    assert QGuiApplication.clipboard().text() == '"K-7"'


async def test_a_tombstone_and_a_text_have_no_tree_and_it_is_said(stage: Stage) -> None:
    views = await show(stage, None)
    views.choice.choose("tree")
    assert "Tombstone" in views.tree._none.text()
    views = await show(stage, b'{"broken":')
    assert "ends inside" in views.tree._none.text()


async def test_a_large_value_opens_in_part_and_is_saved_whole(stage: Stage, tmp_path: Path) -> None:
    whole = json.dumps([{"id": number, "text": "x" * 90} for number in range(180_000)]).encode()
    assert len(whole) > 20_000_000, "its text is laid out no further than it is shown"
    views = await show(stage, whole)
    page = stage.window.pages["records"]
    assert isinstance(page, RecordsPage)
    assert len(views.value.toPlainText()) == 65_536
    assert views.more.text() == "20.2 MiB, shown in part. Show more"
    views.choice.choose("tree")
    for parts in (2, 3, 4):
        views.more.click()
        wanted = parts * 65_536
        await stage.until(lambda: len(views.value.toPlainText()) == wanted)  # noqa: B023  # waited for here
    assert views.value.toPlainText().startswith('[\n  {\n    "id": 0,')
    assert not views.more.isEnabled()
    assert "saved to a file" in views.more.text()
    assert views.tree.model.rowCount(views.tree.model.index(0, 0)) > 1_000
    record = page.pane.record
    assert record is not None
    page.opened.save(record.id, tmp_path / "value.bin")
    await stage.until(lambda: "written to" in page.foot.words.text())
    assert (tmp_path / "value.bin").read_bytes() == whole
    page.opened.save(record.id, tmp_path / "no" / "value.bin")
    await stage.until(lambda: "Not saved" in page.foot.words.text())


async def test_the_schema_of_a_record_is_shown_with_what_it_refers_to(stage: Stage) -> None:
    known = RegisteredSchema("AVRO", _SCHEMA, (NamedSchema("common.Money", _MONEY),), (("payments-value", 3),))
    stage.session.decoders.schemas = Schemas(lambda _reference: known)
    views = await show(stage, b"\x00\x00\x00\x00\x07\x0e")
    views.choice.choose("schema")
    await stage.until(lambda: "payments-value" in views.schema.facts.text())
    assert views.schema.facts.text() == "Avro, payments-value version 3 (id 7), refers to 1 schema"
    shown = views.schema.text.toPlainText()
    assert '"name": "Order"' in shown
    assert "// common.Money" in shown


async def test_a_registry_that_is_down_is_said_and_the_bytes_are_shown(stage: Stage) -> None:
    def ask(_reference: SchemaReference) -> RegisteredSchema:
        raise SchemaUnavailable("The registry at http://registry:8081 does not answer")

    stage.session.decoders.schemas = Schemas(ask)
    views = await show(stage, b"\x00\x00\x00\x00\x07\x0e")
    views.choice.choose("schema")
    await stage.until(lambda: "does not answer" in views.schema.facts.text())
    assert "bytes of the record are shown" in views.schema.facts.text()
    assert not views.schema.text.isVisible()
    views.choice.choose("hex")
    assert views.hex.currentIndex() == 0


async def test_a_view_of_which_a_record_has_nothing_is_not_offered(stage: Stage) -> None:
    views = await show(stage, b"\x00\x00\x00\x00\x07\x0e")
    views.choice.choose("schema")
    views = await show(stage, b"{}")
    shown = {name: button.isVisibleTo(views) for name, button in views.choice._buttons.items()}
    assert (shown["schema"], shown["text"], views.choice.current) == (False, True, "value")
    assert views.stack.currentWidget() is views.value
    views = await show(stage, b"\x00\x00\x00\x00\x07\x0e")
    shown = {name: button.isVisibleTo(views) for name, button in views.choice._buttons.items()}
    assert (shown["schema"], shown["text"]) == (True, False)


async def test_two_records_are_compared_by_the_keyboard(stage: Stage) -> None:
    views = await show(stage, b'{"id":1,"amount":0.10}')
    views.choice.choose("compare")
    button = views.comparison.button
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert button.text() == "Pin this record"
    button.click()
    assert "is pinned. Open another" in views.comparison.words.text()
    views = await show(stage, b'{"amount":0.1,"id":1}')
    rows = {row.path: (row.left, row.right) for row in views.comparison.model.rows}
    assert rows["value.amount"] == ("0.10", "0.1")
    assert views.stack.currentWidget() is views.comparison
    assert set(rows) - {"timestamp"} == {"offset", "value.amount"}
    assert "parts differ from the pinned payments:0:20" in views.comparison.words.text()
    button.click()
    assert button.text() == "Pin this record"
    assert not views.comparison.table.isVisible()


async def test_only_the_lines_that_are_seen_are_coloured(stage: Stage) -> None:
    views = await show(stage, json.dumps([{"id": number} for number in range(900)]).encode())

    def coloured(line: int) -> bool:
        block = views.value.document().findBlockByNumber(line)
        return bool(block.layout().formats())

    last = views.value.document().blockCount() - 3
    assert '"id": 899' in views.value.document().findBlockByNumber(last).text()
    assert (coloured(2), coloured(last)) == (True, False)
    bar = views.value.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert coloured(last)


async def test_a_view_shows_the_record_that_was_opened_last(stage: Stage) -> None:
    views = await show(stage, b'{"id":1}')
    views.choice.choose("hex")
    views.choice.choose("text")
    views = await show(stage, b'{"id":2}')
    assert views.text.toPlainText() == '{"id":2}'
    views.choice.choose("hex")
    assert views.hex._data == b'{"id":2}'
    views.choice.choose("value")
    assert '"id": 2' in views.value.toPlainText()
