"""The steps of one diagnosis as they happen, and the diagnosis that they give."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

from kafkaview.doctor.diagnosis import Cause, Diagnosis, DiagnosisLayer, DiagnosisStep
from kafkaview.doctor.fault import FailedStep

Report = Callable[[DiagnosisStep], None]
_ORDER: Final = list(DiagnosisLayer)


class Chart:
    """The steps, each with its name and target. Each is reported twice: when it begins and when it ends."""

    def __init__(self, planned: Iterable[tuple[DiagnosisLayer, str]], report: Report) -> None:
        self._planned = dict(planned)
        self._report = report
        self._steps: dict[tuple[DiagnosisLayer, str], DiagnosisStep] = {}
        self._began: dict[DiagnosisLayer, float] = {}
        self._cause: Cause | None = None
        self._gaps: list[str] = []
        self._trying: DiagnosisLayer = DiagnosisLayer.CONFIG

    def begin_step(self, step: DiagnosisLayer, target: str = "") -> None:
        """Begins a step."""
        self._trying = step
        self._began[step] = time.monotonic()
        self._report(DiagnosisStep(step, target or self._planned.get(step, ""), None))

    def add_gaps(self, gaps: Iterable[str]) -> None:
        """Adds sentences of what does not work, though the connection does."""
        self._gaps += gaps

    def good(self, step: DiagnosisLayer, detail: str, target: str = "", ms: int | None = None) -> None:
        """Ends a step that worked."""
        self._set(
            DiagnosisStep(step, target or self._planned.get(step, ""), True, detail=detail, ms=self._ms(step, ms))
        )

    def fail_step(self, fault: FailedStep, target: str = "") -> None:
        """Ends a step that failed. The first failure is the cause."""
        self._cause = self._cause or fault.cause
        target = target or self._planned.get(fault.step) or self._planned.get(DiagnosisLayer.TCP, "")
        ms = self._ms(fault.step if fault.step in self._began else self._trying, None)
        self._set(DiagnosisStep(fault.step, target, False, fault.cause, fault.detail, fault.hint, ms, fault.field))

    def late(self, seconds: float) -> None:
        """Ends the present step because the time limit has passed."""
        self.fail_step(
            FailedStep(self._trying, Cause.SILENT, f"No end of this step within the {seconds:g} s of the whole.")
        )

    def diagnosis(self) -> Diagnosis:
        """Returns the diagnosis: all steps in their order. Planned steps that were not reached are reported as not
        tried.
        """
        done = {step for step, _target in self._steps}
        for step, target in self._planned.items():
            if step not in done:
                self._set(DiagnosisStep(step, target, None, detail="not tried"))
        steps = tuple(sorted(self._steps.values(), key=lambda step: _ORDER.index(step.step)))
        return Diagnosis(steps, self._cause, tuple(self._gaps))

    def _ms(self, step: DiagnosisLayer, measured: int | None) -> int | None:
        began = self._began.get(step)
        return measured if measured is not None or began is None else round((time.monotonic() - began) * 1000)

    def _set(self, step: DiagnosisStep) -> None:
        self._steps[step.step, step.target] = step
        self._report(step)
