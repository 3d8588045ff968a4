"""One entry of the journal: what came of it, its undo, its plan, its records, and the line that does the same."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QWidget

from kafkaview.engine.window_words import window_hint
from kafkaview.ui.kit.controls import Button, ButtonKind, Text, escape_button, escape_tip, hairline
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.layout import clear_grid, column, make_scroll_area
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.page import Context, Place
from kafkaview.ui.pages.journal.document_fold import DocumentFold
from kafkaview.ui.pages.journal.payload_block import PayloadBlock
from kafkaview.ui.pages.journal.words import describe_outcome, entry_facts, outcome_mark, target_page
from kafkaview.ui.writes.change_rows import ChangeRows
from kafkaview.ui.writes.command import CommandLine
from kafkaview.ui.writes.undoing import open_undo
from kafkaview.words import join_sentences, name_text, number
from kafkaview.writes.journal_view import EntryView

_LEAST = 360


class EntryPane(QWidget):
    """Shows an entry. `undone` is emitted when a plan that was opened from here has ended."""

    undone = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        theme = context.theme
        self._context = context
        self.entry: EntryView | None = None
        self.title = Text(size=15, weight=600, wrap=True)
        self._mark = MarkLabel(theme, Mark.UNKNOWN, 16)
        self.outcome = Text(wrap=True)
        self.doubt = Text(size=12, tone="warn_text", wrap=True)
        self.undo = Button(theme, "Undo…", icon="undo-2", clicked=self.open_undo)
        self.why_not = Text(size=12, tone="text_2", wrap=True)
        self.related = Button(theme, kind=ButtonKind.LINK, clicked=self._open_related)
        self.target = Button(theme, kind=ButtonKind.LINK, clicked=self._open_target)
        self._facts = QGridLayout()
        self._facts.setColumnStretch(1, 1)
        self._facts.setHorizontalSpacing(10)
        self._facts.setVerticalSpacing(3)
        self._plan_head = Text("Plan", size=12, weight=600)
        self.rows = ChangeRows(theme)
        self.more_rows = Text(size=12, tone="text_2", wrap=True)
        self.plan = DocumentFold(theme, "The plan as JSON")
        self.payloads = PayloadBlock(context)
        self.outcome_document = DocumentFold(theme, "The outcome as JSON")
        self.command = CommandLine(theme)
        self.setMinimumWidth(theme.px(_LEAST))
        self._lay_out()
        self.hide()

    def show_entry(self, entry: EntryView, why_not: str) -> None:
        """Shows an entry; `why_not` is why it cannot be undone."""
        self.entry = entry
        self.title.setText(entry.title)
        self._mark.set_mark(outcome_mark(entry.state, doubtful=entry.doubtful))
        self.outcome.setText(describe_outcome(entry))
        self.doubt.setText(join_sentences(entry.doubt, window_hint(entry.hint)))
        self.doubt.setVisible(bool(self.doubt.text()))
        self.say_undo(why_not)
        self._show_links(entry)
        self._show_facts(entry)
        self.rows.show_rows(entry.rows)
        self._plan_head.setVisible(bool(entry.rows))
        more = entry.row_count - len(entry.rows)
        self.more_rows.setText(f"and {number(more)} more; the plan as JSON has all")
        self.more_rows.setVisible(more > 0)
        self.plan.show_document(entry.plan)
        self.payloads.show_entry(entry)
        self.outcome_document.show_document(entry.outcome_document)
        self.command.show_command(entry.command)
        self.show()

    def say_undo(self, why_not: str) -> None:
        """Says why the entry cannot be undone; an empty text lets it be."""
        self.undo.setEnabled(not why_not)
        self.undo.setToolTip(escape_tip(why_not))
        self.why_not.setText(f"{why_not}." if why_not else "")
        self.why_not.setVisible(bool(why_not))

    def open_undo(self) -> None:
        """Opens the plan that undoes the entry."""
        if self.entry is not None and self.undo.isEnabled():
            asks = self.entry.moves_offsets
            open_undo(self._context, self.entry.id, asks_members=asks, ended=lambda _result: self.undone.emit())

    def _show_links(self, entry: EntryView) -> None:
        related = entry.undone_by if entry.undone_by is not None else entry.undoes
        words = "Undone by entry" if entry.undone_by is not None else "It undoes entry"
        self.related.setText(f"{words} {related}")
        self.related.setVisible(related is not None)
        page = target_page(entry.kind)
        self.target.setText(escape_button(f"Open {name_text(entry.target or '')} in {page.capitalize()}"))
        self.target.setVisible(bool(page) and entry.target is not None)

    def _show_facts(self, entry: EntryView) -> None:
        clear_grid(self._facts)
        for row, (name, text) in enumerate(entry_facts(entry)):
            self._facts.addWidget(Text(name, size=12, tone="text_2"), row, 0, Qt.AlignmentFlag.AlignTop)
            value = Text(text, size=12, wrap=True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addWidget(value, row, 1)

    def _open_related(self) -> None:
        if self.entry is not None:
            related = self.entry.undone_by if self.entry.undone_by is not None else self.entry.undoes
            self._context.go(Place("journal", str(related)))

    def _open_target(self) -> None:
        if self.entry is not None and self.entry.target is not None:
            self._context.go(Place(target_page(self.entry.kind), self.entry.target))

    def _lay_out(self) -> None:
        said = QHBoxLayout()
        said.setSpacing(8)
        said.addWidget(self._mark, alignment=Qt.AlignmentFlag.AlignTop)
        said.addWidget(self.outcome, 1)
        body = QWidget()
        parts = (
            self.title,
            said,
            self.doubt,
            make_flow(self.undo, self.related, self.target, gap=12),
            self.why_not,
            self._facts,
            hairline(),
            self._plan_head,
            self.rows,
            self.more_rows,
            self.plan,
            self.payloads,
            self.outcome_document,
            Text("The line that does the same", size=12, weight=600),
            self.command,
        )
        body.setLayout(column(*parts, margins=(20, 14, 20, 16), gap=8, push=True))
        area: QScrollArea = make_scroll_area(body)
        self.setLayout(column(area))
