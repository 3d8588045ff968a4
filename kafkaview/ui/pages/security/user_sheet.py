"""The fields of a SCRAM user: the password is typed here, handed over, and kept nowhere behind the open form."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from kafkaview.cluster.ports.security import (
    LEAST_ITERATIONS,
    MOST_ITERATIONS,
    NewScramCredential,
    ScramCredential,
    ScramMechanism,
)
from kafkaview.ui.kit.controls import Segments, Text
from kafkaview.ui.kit.page import Context
from kafkaview.ui.writes.form_sheet import FormSheet, Make, Plan

_MECHANISMS = (ScramMechanism.SCRAM_SHA_512, ScramMechanism.SCRAM_SHA_256)


class UserSheet(FormSheet):
    """A new user, or another password of an existing one."""

    def __init__(self, context: Context, plan: Plan, standing: ScramCredential | None = None) -> None:
        title = f"Change the password of {standing.user}" if standing else "Create a SCRAM user"
        text = "It is salted and hashed here (RFC 5802): the broker is never sent the password itself."
        super().__init__(context, title, text, plan, width=520)
        self.user = QLineEdit(standing.user if standing else "")
        self.user.setReadOnly(standing is not None)
        self.mechanism = Segments(tuple((one.name, one.word) for one in _MECHANISMS))
        if standing is not None and standing.mechanism in _MECHANISMS:
            self.mechanism.choose(standing.mechanism.name)
        self.iterations = QLineEdit(str((standing.iterations if standing else None) or LEAST_ITERATIONS))
        self.password, self.again = _secret(), _secret()
        self.field("User", self.user)
        self.field("Mechanism", self.mechanism)
        self.field("Password", self.password)
        self.field("Once more", self.again)
        self.field("Iterations", self.iterations)
        self.body.addWidget(Text("It cannot be read back from the cluster.", size=12, tone="text_2", wrap=True))
        for line in (self.user, self.iterations, self.password, self.again):
            line.textChanged.connect(self.check)
        self.check()

    def why_not(self) -> str:
        """Returns what is missing: a name, and the same password twice."""
        if not self.user.text():
            return "A user needs a name."
        if not LEAST_ITERATIONS <= self._iterations <= MOST_ITERATIONS:
            return f"Kafka takes {LEAST_ITERATIONS:,} to {MOST_ITERATIONS:,} iterations."
        if not self.password.text():
            return "A user needs a password."
        return "" if self.password.text() == self.again.text() else "The two passwords differ."

    def make(self) -> Make:
        """Returns the function that plans the password. The fields keep it until the sheet closes: a plan that is not
        wanted, or refused, can be mended.
        """
        mechanism = ScramMechanism[self.mechanism.current]
        user = self.user.text()
        credential = NewScramCredential(user, mechanism, self._iterations, self.password.text())
        return lambda engine: engine.plan_set_scram(credential)

    def lift(self) -> None:
        """Empties the fields and closes the sheet."""
        for line in (self.password, self.again):
            line.clear()
        super().lift()

    @property
    def _iterations(self) -> int:
        text = self.iterations.text().strip().replace(",", "")
        return int(text) if text.isdecimal() else 0


def _secret() -> QLineEdit:
    line = QLineEdit()
    line.setEchoMode(QLineEdit.EchoMode.Password)  # Qt then copies nothing to the clipboard
    line.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
    return line
