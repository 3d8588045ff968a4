"""What ends a diagnosis: a step that failed, and why."""

from __future__ import annotations

from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.doctor.remedies import REMEDIES


class FailedStep(Exception):
    """A failed step. Where no hint or field is given, the cause's own is taken."""

    def __init__(self, step: DiagnosisLayer, cause: Cause, detail: str, hint: str = "", field: str = "") -> None:
        super().__init__(detail)
        remedy = REMEDIES[cause]
        self.step = step
        self.cause = cause
        self.detail = detail
        self.hint = hint or remedy.hint
        self.field = field or remedy.field
