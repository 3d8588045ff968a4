"""The status bar: the connection, one running work, the principal, the clock."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from kafkaview.clock import zone
from kafkaview.ui.kit.connection_state import CONNECTING, Connection
from kafkaview.ui.kit.controls import Button, ButtonKind, Elided, Text, escape_tip, ground, hairline
from kafkaview.ui.kit.icon_label import IconLabel
from kafkaview.ui.kit.marks import MarkLabel
from kafkaview.ui.kit.tasks import Tasks
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import join_lines

_HEIGHT = 28


class StatusBar(QWidget):
    """How the cluster answers at the left, running work with Cancel in the middle, principal and zone at the right."""

    def __init__(self, theme: Theme, tasks: Tasks, principal: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tasks = tasks
        self._mark = MarkLabel(theme, CONNECTING.mark, 13)
        self._word = Text(size=12, weight=600)
        self._facts = Elided(size=12, tone="text_2")
        self._work = _WorkLine(theme, tasks)
        ground(self, "surface")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(6)
        row.addWidget(self._mark)
        row.addWidget(self._word)
        row.addSpacing(2)
        row.addWidget(self._facts, 1)
        row.addWidget(self._work)
        row.addSpacing(8)
        row.addWidget(hairline(vertical=True))
        self._zone = Button(theme, zone(), kind=ButtonKind.LINK, clicked=self._turn_zone)
        who = Text(principal, size=12, tone="text_2")
        who.setToolTip("Who the brokers see")
        for icon, part in (("user", who), ("clock", self._zone)):
            row.addSpacing(6)
            row.addWidget(IconLabel(theme, icon, "text_3", 13))
            row.addWidget(part)
        self.say(CONNECTING)
        theme.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(self._theme.px(_HEIGHT))
        zones = (
            ("this machine's zone", "UTC") if self._theme.local_time else ("UTC, as on the command line", "local time")
        )
        self._zone.setText(zone())
        self._zone.setToolTip(f"All times are {zones[0]}. Click for {zones[1]}")
        self._zone.setAccessibleName(f"Times: {zone()}")

    def _turn_zone(self) -> None:
        self._theme.set_local_time(local=not self._theme.local_time)

    def say(self, connection: Connection) -> None:
        """Shows how the cluster answers."""
        self._mark.set_mark(connection.mark, connection.word)
        self._word.setText(connection.word)
        self._facts.setText(connection.facts)


class _WorkLine(QWidget):
    """The newest running work."""

    def __init__(self, theme: Theme, tasks: Tasks) -> None:
        super().__init__()
        self._tasks = tasks
        self._title = Text(size=12, weight=600)
        self._text = Text(size=12, tone="text_2")
        self._bar = QProgressBar(textVisible=False)
        self._bar.setRange(0, 1000)
        self._bar.setFixedWidth(theme.px(96))
        self._cancel = Button(theme, "Cancel", kind=ButtonKind.LINK, tip="Ctrl+.", clicked=tasks.cancel_newest)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for part in (self._title, self._bar, self._text, self._cancel):
            row.addWidget(part)
        tasks.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        works = self._tasks.works
        self.setVisible(bool(works))
        if not works:
            return
        newest = works[-1]
        more = f" +{len(works) - 1} more" if len(works) > 1 else ""
        self._title.setText(newest.title)
        self._text.setText(f"{newest.text}{more}")
        self._bar.setVisible(newest.fraction is not None)
        self._bar.setValue(round(1000 * (newest.fraction or 0)))
        self._cancel.setVisible(newest.cancellable)
        self.setToolTip(escape_tip(join_lines(*(f"{work.title} {work.text}" for work in works))))
