"""Sending dead letters back from the page: as they are, mended by a rule, or one edited by hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

from PySide6.QtCore import QObject, Signal

from kafkaview.terms import RecordId
from kafkaview.triage.dead_letters.request import LetterCut, LetterRow
from kafkaview.triage.redrive.request import RedriveRequest
from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.controls import Button, ButtonKind, Text, escape_button
from kafkaview.ui.kit.page import Context
from kafkaview.ui.pages.dead_letters.edit_sheet import EditSheet
from kafkaview.ui.pages.dead_letters.mend_sheet import MendSheet
from kafkaview.ui.writes.change_kind import open_change
from kafkaview.ui.writes.form_sheet import Make
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.ui.writes.write_result import Result
from kafkaview.words import number, plural, visible_alone
from kafkaview.writes.plan import ChangePlan

_READ_ONLY: Final = "This profile is read-only"
_NONE: Final = "Select dead letters first"
_ONE: Final = "Select one dead letter"


class LetterActions(QObject):
    """The buttons and actions for the selected dead letters, or for all of what is listed. `topics` are all of the
    cluster; `origins` are those of all dead letters of the list, None among them where one is not known.
    """

    written = Signal()  # something may have been sent back
    all_wanted = Signal()

    def __init__(
        self,
        context: Context,
        parent: QObject,
        topics: Callable[[], Sequence[str]],
        origins: Callable[[], Collection[str | None]],
    ) -> None:
        super().__init__(parent)
        theme = context.theme
        self._context = context
        self._topics = topics
        self._all_origins = origins
        self._topic = ""
        self._cut = LetterCut()
        self._rows: Sequence[LetterRow] = ()
        self._all = False
        self.selected = Text(weight=600)
        self.all_button = Button(theme, "Select all", kind=ButtonKind.LINK, clicked=self.all_wanted.emit)
        self.mend_button = Button(theme, "Mend…", clicked=self.mend)
        self.edit_button = Button(theme, "Edit value…", clicked=self.edit)
        self.redrive_button = Button(theme, "Redrive…", kind=ButtonKind.PRIMARY, icon="send", clicked=self.redrive)
        self._show()

    @property
    def actions(self) -> tuple[Action, ...]:
        """The actions for the palette."""
        where = "Dead letters"
        return (
            Action("deadletters.redrive", "Redrive the selected dead letters…", self.redrive, ("Ctrl+Return",), "send",
                   where, self._why_not),
            Action("deadletters.mend", "Mend the selected dead letters…", self.mend, (), "send", where, self._why_not),
            Action("deadletters.edit", "Edit the value of the dead letter…", self.edit, (), "send", where,
                   self._why_not_edit),
            Action("deadletters.all", "Select all dead letters of the list", self.all_wanted.emit, (), "list", where,
                   lambda: "" if self._topic else _NONE),
        )  # fmt: skip

    def show_list(self, topic: str, cut: LetterCut) -> None:
        """Takes the topic and the cut of the list. Of another one nothing is selected."""
        if (topic, cut) != (self._topic, self._cut):
            self._topic, self._cut = topic, cut
            self.select(())

    def select(self, rows: Sequence[LetterRow]) -> None:
        """Takes the rows that are selected."""
        self._rows, self._all = rows, False
        self._show()

    def select_all(self) -> None:
        """Takes all dead letters of the topic or the cut, whether they are listed or not."""
        self._rows, self._all = (), True
        self._show()

    def redrive(self) -> None:
        """Opens the plan that sends them back as they are."""
        if self._why_not():
            return
        request = self._request()
        open_change(self._context, lambda engine: engine.plan_redrive(request), self._end)

    def mend(self) -> None:
        """Opens the sheet that mends them by a rule."""
        if not self._why_not():
            request, count, origins = self._request(), self._count(), self._origins()
            MendSheet(self._context, self._plan, request, count, self._topics(), origins).open()

    def edit(self) -> None:
        """Opens the sheet that edits one by hand."""
        if not self._why_not_edit():
            request = self._request()
            EditSheet(self._context, self._plan, request, self._topics()).open()

    def _plan(self, make: Make) -> PlanDialog[ChangePlan]:
        return open_change(self._context, make, self._end)

    def _end(self, _result: Result) -> None:
        self.written.emit()

    def _request(self) -> RedriveRequest:
        if self._all:
            return RedriveRequest(self._topic, cut=self._cut)
        return RedriveRequest(
            self._topic, tuple(RecordId(self._topic, row.partition, row.offset) for row in self._rows)
        )

    def _count(self) -> str:
        if self._all:
            return "all dead letters" if self._cut == LetterCut() else "all dead letters of the cut"
        return plural(len(self._rows), "dead letter")

    def _origins(self) -> tuple[str, ...]:
        """Returns the topics that they came from; none where that is not known of all."""
        found = set(self._all_origins()) if self._all else self._row_origins()
        return tuple(sorted(one for one in found if one is not None)) if None not in found else ()

    def _row_origins(self) -> set[str | None]:
        return {row.letter.origin.topic if row.letter is not None else None for row in self._rows}

    def _why_not(self) -> str:
        if self._context.profile.read_only:
            return _READ_ONLY
        return "" if self._all or self._rows else _NONE

    def _why_not_edit(self) -> str:
        return self._why_not() or ("" if len(self._rows) == 1 else _ONE)

    def _show(self) -> None:
        many = "all" if self._all else number(len(self._rows))
        self.selected.setText(f"{many} selected" if self._all or self._rows else "")
        self.all_button.setVisible(not self._all and bool(self._topic))
        origins = self._row_origins()
        (origin,) = origins if len(origins) == 1 else (None,)
        whither = f" to {visible_alone(origin)}" if origin is not None else ""
        what = f" {many}" if self._all or self._rows else ""
        self.redrive_button.setText(escape_button(f"Redrive{what}{whither}…"))
        for button, why in (
            (self.redrive_button, self._why_not()), (self.mend_button, self._why_not()),
            (self.edit_button, self._why_not_edit()),
        ):  # fmt: skip
            button.setEnabled(not why)
            button.setToolTip(why)
