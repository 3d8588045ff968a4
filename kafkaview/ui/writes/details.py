"""What exactly is written: the headers added to a copy and the payload, folded at first."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from kafkaview.terms import Header, Record
from kafkaview.triage.reroute.plan import GroupPlan, ReroutePlan
from kafkaview.ui.kit.bytes_text import CodeText, readable
from kafkaview.ui.kit.controls import Button, ButtonKind
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.writes.reroute_words import find_held_back
from kafkaview.words import name_text, number, visible

_MOST_RECORDS = 20


class Details(QWidget):
    """A link that unfolds the headers and payloads."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._link = Button(theme, kind=ButtonKind.LINK, clicked=self._turn)
        self._code = CodeText()
        self._code.setFixedHeight(theme.px(190))
        self._code.hide()
        self._lists_between = False
        self.setLayout(column(self._link, self._code, gap=6))
        self._label()

    def show_plan(self, plan: ReroutePlan) -> None:
        """Shows what this plan writes."""
        parts = [_copy_text(copy.record, copy.added_headers) for copy in plan.copies[:_MOST_RECORDS]]
        if len(plan.copies) > _MOST_RECORDS:
            parts.append(f"and {number(len(plan.copies) - _MOST_RECORDS)} more records, written the same way")
        self._lists_between = bool(find_held_back(plan))
        parts += [_between_text(group) for group in find_held_back(plan)]
        self._label()
        self._code.setPlainText("\n\n".join(parts))

    def _turn(self) -> None:
        self._code.setVisible(self._code.isHidden())
        self._label()

    def _label(self) -> None:
        what = "the new headers and the payload"
        if self._lists_between:
            what = "new headers, payload and the records between"
        self._link.setText(f"{'Show' if self._code.isHidden() else 'Hide'} {what}")


def _between_text(group: GroupPlan) -> str:
    """Returns the good records that keep a group from moving, one a line: they are neither sent nor passed over."""
    name = visible(name_text(group.group))
    lines = [f"not sent: good records of {group.topic_partition} that {name} has still to read"]
    lines += [
        f"{number(record.offset):>9}  {readable(record.key)}  {readable(record.value)}"
        for record in group.records_between
    ]
    return "\n".join(lines)


def _copy_text(record: Record, added: tuple[Header, ...]) -> str:
    lines = [f"{record.id}", f"key      {readable(record.key)}", f"value    {readable(record.value)}"]
    lines += [f"kept     {visible(header.key)}: {readable(header.value)}" for header in record.headers or ()]
    lines += [f"added    {visible(header.key)}: {readable(header.value)}" for header in added]
    return "\n".join(lines)
