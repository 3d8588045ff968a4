"""Which mark a verdict wears."""

from __future__ import annotations

from kafkaview.triage.watch.verdict import Verdict
from kafkaview.ui.kit.marks import Mark

MARKS = {
    Verdict.POISON: Mark.BAD,
    Verdict.CORRUPT_BATCH: Mark.BAD,
    Verdict.OPEN_TRANSACTION: Mark.WARN,
    Verdict.REBALANCING: Mark.WARN,
    Verdict.REWINDING: Mark.WARN,
    Verdict.UNDECIDED: Mark.UNKNOWN,
    Verdict.NO_MEMBERS: Mark.IDLE,
}
