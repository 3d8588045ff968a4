"""The Journal page: every write made from here, the newest first, and one of them in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.journal.search import JournalRequest
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.controls import Button, ButtonKind, Elided, hairline
from kafkaview.ui.kit.layout import Splitter, column, fill_widget
from kafkaview.ui.kit.page import Context, Page, Place
from kafkaview.ui.kit.query_view import QueryView, Subject, sentences
from kafkaview.ui.kit.states import StateAction
from kafkaview.ui.kit.tables import RowMenu, Table, TableModel
from kafkaview.ui.pages.journal.column_looks import ListedEntry, entry_columns, listed
from kafkaview.ui.pages.journal.entry_pane import EntryPane
from kafkaview.ui.pages.journal.journal_export import EntriesExport
from kafkaview.ui.pages.journal.search_bar import SearchBar
from kafkaview.ui.pages.journal.words import (
    NOTHING,
    describe_found,
    describe_loaded,
    describe_none,
    why_no_undo,
)
from kafkaview.writes.journal_view import EntryView

_SUBJECT: Final = Subject("the journal", "Reading the journal of this user", "", ())
_PAGE, _MORE, _ENTRY = "journal.page", "journal.more", "journal.entry"


class JournalPage(Page):
    """The entries of the journal. Its place is the number of one, and the search."""

    id = "journal"
    title = "Journal"
    icon = "scroll-text"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        theme = context.theme
        self._view: View | None = None
        self._rows: list[ListedEntry] = []
        self._found = 0
        self._has_more = False
        self._adding = False  # older entries were asked for
        self._wanted: int | None = None  # the entry that a place names, selected once it is listed
        self._opened: int | None = None  # the entry that is shown, or was asked for
        self.search = SearchBar(theme, self)
        self.export = EntriesExport(context, self)
        self.export_button = Button(theme, "Export…", icon="download", clicked=self._export)
        self.model: TableModel[ListedEntry] = TableModel(
            entry_columns(lambda: not self.model.order), lambda row: row.entry.id
        )
        menu: RowMenu[ListedEntry] = RowMenu(lambda row: context.command_line("journal show", str(row.entry.id)))
        self.table: Table[ListedEntry] = Table(theme, self.model, "Journal", menu=menu)
        self.pane = EntryPane(context)
        self.foot = Elided(size=12, tone="text_2")
        self.more = Button(theme, "Load older", kind=ButtonKind.LINK, clicked=self._read_more)

    def lay_out(self) -> None:
        """Puts the entries beside the one that is chosen."""
        theme, context = self.context.theme, self.context
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 4, 12, 4)
        foot.addWidget(self.foot, 1)
        foot.addWidget(self.more)
        self.splitter = Splitter("Journal", (self.table, self.pane), (732, 364), across=True)
        below = fill_widget(QWidget(), foot)
        content = fill_widget(QWidget(), column(self.splitter, hairline(), below, grows=self.splitter))
        clear = StateAction("Clear the search", self.search.clear, "x")
        self.room = QueryView(theme, context.profile, _SUBJECT, content, again=self.read, ways=(clear,))
        self.setLayout(column(self.room))
        self._connect()

    def head_actions(self) -> Sequence[QWidget]:
        """Returns the search and the export."""
        return (*self.search.widgets, self.export_button)

    def actions_of_page(self) -> tuple[Action, ...]:
        """Returns the actions on the selected entry, and on those that were found."""
        where = (self.icon, self.title)
        return (
            Action("journal.undo", "Undo the selected entry…", self.pane.open_undo, (), *where, self._why_not_undo),
            Action("journal.export", "Export the entries that were found…", self._export, (), *where, self._why_empty),
        )

    def show_view(self, view: View) -> None:
        """Takes a new sample: what can be undone depends on which cluster is open."""
        knew = self._cluster_id
        self._view = view
        if self._cluster_id != knew and self.pane.entry is not None:
            self.pane.say_undo(self._why_no_undo(self.pane.entry))

    def refresh(self) -> None:
        """Reads the journal again, if the page is visible."""
        if self.isVisible():
            self.read()

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's: other pages, and other windows, have written meanwhile."""
        super().showEvent(event)
        self.read()

    def filter_focus(self) -> None:
        """Puts the cursor into the search."""
        self.search.field.setFocus()

    def place(self) -> Place:
        """Returns the entry that is shown."""
        return Place(self.id, str(self._shown_id or ""), self.search.field.text())

    def go_to(self, place: Place) -> None:
        """Shows an entry, whether it is listed or not."""
        if place.filter != self.search.field.text():
            self.search.search(place.filter)
            self._look_again()
        if place.what.isdecimal():
            self._wanted = int(place.what)
            self._open(self._wanted)
            if not self._select_wanted():
                self.table.clearSelection()
                if not self.context.tasks.is_running(_PAGE):
                    self.read()  # it may be new

    def read(self) -> None:
        """Reads the newest entries that fit; older ones that were loaded stay."""
        if not self._rows:
            self.room.show_loading()
        self.context.tasks.cancel(_MORE)
        self._adding = False
        self.context.tasks.ask(_PAGE, self._read(self.search.request), self.room.show_error)

    async def _read(self, request: JournalRequest) -> None:
        found = await self.context.engine.journal_page(request)
        self.search.offer_kinds(found.kinds)
        last = found.rows[-1].id if found.more else 0
        older = [row for row in self._rows if row.entry.id < last]
        self._rows = [*listed(found.rows), *older]
        self._found = found.found or 0
        self.search.field.show_count(self._found, found.total or 0)
        self.finding_changed.emit(describe_found(self._found, found.total or 0, request.search))
        if not found.total:
            self.room.show_empty(*NOTHING, good=True)
        elif not found.rows:
            self.room.show_empty(*describe_none(request.search))
        else:
            self.room.show_content()
        self._show_rows(more=self._has_more if older else found.more)
        if self._opened is not None:
            self._open(self._opened)  # it may have ended, or been undone
        elif found.rows:
            self.table.choose(found.rows[0].id)

    def _read_more(self) -> None:
        if self._has_more and not self._adding:
            self._adding = True
            request = replace(self.search.request, before=self._rows[-1].entry.id)
            self.context.tasks.ask(_MORE, self._add(request), self._refuse_more)

    async def _add(self, request: JournalRequest) -> None:
        found = await self.context.engine.journal_page(request)
        self._adding = False
        self._rows += listed(found.rows, self._rows[-1].entry if self._rows else None)
        self._show_rows(more=found.more)

    def _refuse_more(self, error: ClusterError) -> None:
        self._adding = False
        self.room.show_error(error)

    def _show_rows(self, *, more: bool) -> None:
        self._has_more = more
        self.model.set_rows(self._rows)  # a new one comes first, also while the pointer is in the table
        self.foot.setText(describe_loaded(len(self._rows), max(self._found, len(self._rows))))
        self.more.setVisible(more)
        self._select_wanted()

    def _select_wanted(self) -> bool:
        if self._wanted is not None and self.table.choose(self._wanted):
            self._wanted = None
            return True
        return False

    def _choose(self, row: ListedEntry | None) -> None:
        if row is not None:
            self._wanted = None
            if self._opened != row.entry.id:
                self._open(row.entry.id)
                self.moved.emit()

    def _open(self, entry_id: int) -> None:
        self._opened = entry_id
        self.context.tasks.ask(_ENTRY, self._read_entry(entry_id), self._refuse_entry)

    async def _read_entry(self, entry_id: int) -> None:
        entry = await self.context.engine.journal_entry(entry_id)
        if entry is None:
            self.foot.setText(f"The journal has no entry {entry_id}: retention may have removed it")
            return
        self.pane.show_entry(entry, self._why_no_undo(entry))

    def _refuse_entry(self, error: ClusterError) -> None:
        self.foot.setText(sentences(error))

    @property
    def _shown_id(self) -> int | None:
        return self.pane.entry.id if self.pane.entry is not None and not self.pane.isHidden() else None

    @property
    def _cluster_id(self) -> tuple[bool, str | None]:
        """Whether the cluster has told its id, and the id."""
        info = self._view.info if self._view is not None else None
        return info is not None, info.cluster_id if info is not None else None

    def _why_no_undo(self, entry: EntryView) -> str:
        known, here = self._cluster_id
        return why_no_undo(entry, here, known=known)

    def _why_not_undo(self) -> str:
        if self.pane.entry is None or self._shown_id is None:
            return "Choose an entry"
        return self._why_no_undo(self.pane.entry)

    def _why_empty(self) -> str:
        return "" if self._rows else "No entry was found"

    def _export(self) -> None:
        self.export.choose_file(self.search.request)

    def _scrolled(self, at: int) -> None:
        if at >= self.table.verticalScrollBar().maximum() - self.table.verticalScrollBar().pageStep():
            self._read_more()

    def _look_again(self) -> None:
        """Reads what another search finds, from the newest on."""
        self._rows, self._opened = [], None
        self.context.tasks.cancel(_ENTRY)
        self.table.clearSelection()
        self.pane.hide()
        self.read()

    def _connect(self) -> None:
        self.search.changed.connect(self._look_again)
        self.search.field.lead_to(self.table)
        self.table.chosen.connect(self._choose)
        self.table.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.pane.undone.connect(self.read)
        self.pane.payloads.told.connect(self.foot.setText)
        self.export.told.connect(self.foot.setText)
