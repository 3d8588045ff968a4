"""The error that ends a diagnosis."""

from __future__ import annotations

from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.doctor.remedies import REMEDIES


class FailedStep(Exception):
    """A failed step. Its hint and field default to those of its cause."""

    def __init__(self, step: DiagnosisLayer, cause: Cause, detail: str, hint: str = "", field: str = "") -> None:
        super().__init__(detail)
        remedy = REMEDIES[cause]
        self.step = step
        self.cause = cause
        self.detail = detail
        self.hint = hint or remedy.hint
        self.field = field or remedy.field
