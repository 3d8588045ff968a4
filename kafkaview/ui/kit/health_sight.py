"""When health was seen: what is well in the newest sample may not be so now, or was not judged yet. No Qt here."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from kafkaview.ui.kit.marks import Mark

if TYPE_CHECKING:
    from kafkaview.triage.watch.view import View


class HealthSight(Enum):
    """When it was seen that what has no verdict is well."""

    NOW = "now"
    BEFORE = "before the cluster ceased to answer"
    NOT_YET = "not yet: the samples do not fill the window"
    NEVER = "not at all: the cluster ceased to answer before"

    @staticmethod
    def of(view: View) -> HealthSight:
        """Returns it of a view."""
        if view.current:
            return HealthSight.NOW if view.judged else HealthSight.NOT_YET
        return HealthSight.BEFORE if view.judged else HealthSight.NEVER

    @property
    def mark(self) -> Mark:
        """The mark of what has no verdict; healthy only if that is seen now."""
        return _MARKS[self]

    @property
    def movement(self) -> str:
        """Whether a group without a verdict moves, in a word or three."""
        return _MOVEMENTS[self]


_MARKS = {
    HealthSight.NOW: Mark.OK,
    HealthSight.BEFORE: Mark.IDLE,
    HealthSight.NOT_YET: Mark.WORKING,
    HealthSight.NEVER: Mark.UNKNOWN,
}
_MOVEMENTS = {
    HealthSight.NOW: "moves",
    HealthSight.BEFORE: "moved when last seen",
    HealthSight.NOT_YET: "being watched",
    HealthSight.NEVER: "not judged",
}
