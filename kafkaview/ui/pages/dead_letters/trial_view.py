"""What a trial of a redrive shows: three numbers, some of the letters, and what differs in the selected one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QWidget

from kafkaview.records.comparison import Difference
from kafkaview.triage.mending.result import MendOutcome
from kafkaview.triage.redrive.trial import RedriveTrial, TriedLetter
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.tables import Column, Table, TableModel, mark_column
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.record.difference_columns import difference_columns, side_texts
from kafkaview.words import number, plural

_MARKS: Final = {MendOutcome.UNCHANGED: Mark.IDLE, MendOutcome.MENDED: Mark.OK, MendOutcome.FAILED: Mark.BAD}
_ORDER: Final = {outcome: place for place, outcome in enumerate(MendOutcome)}


def describe_tried(letter: TriedLetter) -> str:
    """Returns why a letter stays, or what is mended in it."""
    if letter.outcome is MendOutcome.FAILED:
        return letter.reason
    said = [f"{one.path}: {' → '.join(side_texts(one))}" for one in letter.differences[:3]]
    rest = len(letter.differences) - len(said)
    return "; ".join([*said, *([f"{rest} more"] if rest > 0 else [])])


LETTERS: Final[tuple[Column[TriedLetter], ...]] = (
    mark_column(lambda row: _MARKS[row.outcome], lambda row: row.outcome.value, value=lambda row: _ORDER[row.outcome]),
    Column("Outcome", lambda row: row.outcome.value, width=84),
    Column("Part.", lambda row: row.record.partition, width=52),
    Column("Offset", lambda row: row.record.offset, width=70),
    Column("What is mended, or why it stays", describe_tried, width=200, stretch=True),
)


class DifferenceTable(Table[Difference]):
    """The parts of a value that differ from what it was."""

    def __init__(self, theme: Theme) -> None:
        self.model_of_parts: TableModel[Difference] = TableModel(
            difference_columns("Was", "Becomes"), lambda row: row.path
        )
        super().__init__(theme, self.model_of_parts, "What differs")

    def show_differences(self, differences: Sequence[Difference]) -> None:
        """Shows the parts, and nothing where there are none."""
        self.set_rows(differences)
        self.setVisible(bool(differences))


class TrialView(QWidget):
    """The counts of a trial, its letters and the differences of the selected one."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.said = Text(size=12, tone="text_2", wrap=True)
        self._marks = {outcome: MarkLabel(theme, mark, 14) for outcome, mark in _MARKS.items()}
        self.counts = {outcome: Text(weight=600) for outcome in MendOutcome}
        self.letters: TableModel[TriedLetter] = TableModel(LETTERS, lambda row: row.record)
        self.letters.sort_by(0, turned=True)
        self.table: Table[TriedLetter] = Table(theme, self.letters, "Dead letters that were tried")
        self.differences = DifferenceTable(theme)
        for table in (self.table, self.differences):
            table.setMinimumHeight(theme.px(180))
        self._numbers = QWidget()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for outcome, label in self.counts.items():
            row.addWidget(self._marks[outcome])
            row.addWidget(label)
            row.addSpacing(14)
        row.addStretch(1)
        self._numbers.setLayout(row)
        tables = QHBoxLayout()
        tables.setSpacing(12)
        tables.addWidget(self.table, 5)
        tables.addWidget(self.differences, 4)
        self.setLayout(column(self._numbers, self.said, last=tables, gap=8))
        self.table.chosen.connect(self._show_differences)
        self.show_nothing()

    def show_nothing(self, words: str = "", tone: str = "text_2") -> None:
        """Shows no trial, only words."""
        for widget in (self._numbers, self.table, self.differences):
            widget.hide()
        self.say(words, tone)

    def say(self, words: str, tone: str = "text_2") -> None:
        """Shows words above the letters."""
        self.said.set_tone(tone)
        self.said.setText(words)
        self.said.setVisible(bool(words))

    def show_trial(self, trial: RedriveTrial) -> None:
        """Shows how far a trial is."""
        numbers = (
            (MendOutcome.UNCHANGED, trial.unchanged),
            (MendOutcome.MENDED, trial.mended),
            (MendOutcome.FAILED, trial.failed),
        )
        for outcome, count in numbers:
            self.counts[outcome].setText(f"{number(count)} {outcome.value}")
        self._numbers.show()
        self.table.setVisible(bool(trial.letters))
        self.letters.set_rows(trial.letters)
        self.say(_describe(trial))

    def _show_differences(self, letter: TriedLetter | None) -> None:
        self.differences.show_differences(letter.differences if letter is not None else ())


def _describe(trial: RedriveTrial) -> str:
    said = [] if trial.ended else ["Reading the dead letters."]
    if trial.ended:
        ready = trial.unchanged + trial.mended
        said.append(f"{plural(ready, 'dead letter')} can be sent back, {number(trial.failed)} would stay.")
    if trial.already_sent:
        said.append(f"{plural(trial.already_sent, 'dead letter')} went back before and would not be sent again.")
    shown = len(trial.letters)
    if shown < trial.unchanged + trial.mended + trial.failed:
        said.append(f"{number(shown)} of them are listed.")
    return " ".join(said)
