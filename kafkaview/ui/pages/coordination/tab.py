"""What a tab of the Coordination page is: a widget that shows one aspect of who runs the cluster."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kafkaview.coordination.view import CoordinationView
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.page import Context


class Tab(QWidget):
    """Base of the tabs. `name` stands in places (`quorum`), `title` on the segment."""

    name = ""
    title = ""

    moved = Signal()  # the user went to another place here
    look_now = Signal()  # the user does not want to wait for the next look

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context

    def show_told(self, view: CoordinationView) -> None:
        """Show what a look at the coordination told."""

    def show_view(self, view: View) -> None:
        """Show a new sample of the cluster: topics, groups, brokers."""

    def opened(self) -> None:
        """The tab has come to the front: what only it needs may be asked for now."""

    def refresh(self) -> None:
        """The user wants it new: ask for what only this tab needs."""

    def what(self) -> str:
        """What is selected here."""
        return ""

    def choose(self, what: str) -> None:
        """Select it."""

    def filter_focus(self) -> None:
        """Put the cursor into the tab's filter."""
