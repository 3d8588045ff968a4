"""The fields of a new delegation token: its owner, who may renew it, and its longest life."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtWidgets import QLineEdit

from kafkaview.cluster.ports.security import NewToken
from kafkaview.security.lifetime import lifetime_ms
from kafkaview.ui.kit.page import Context
from kafkaview.ui.writes.form_sheet import FormSheet, Make, Plan

_BEFORE_A_PRINCIPAL: Final = re.compile(r",\s*(?=[A-Za-z]+:)")  # the name of a certificate holds commas itself


class TokenSheet(FormSheet):
    """All fields may stay empty: the token is then this login's, and lasts as long as the brokers allow."""

    def __init__(self, context: Context, plan: Plan) -> None:
        text = "It logs in for its owner, with SCRAM and without the owner's password, until it expires."
        super().__init__(context, "Create a delegation token", text, plan, width=520)
        self.owner, self.renewers, self.life = QLineEdit(), QLineEdit(), QLineEdit()
        for label, line, unless in (
            ("Owner", self.owner, "this login; else User:name"),
            ("Renewed by", self.renewers, "its owner alone; User:name, User:name"),
            ("Lasts at most", self.life, "as long as the brokers allow; 7d, 12h, 30m"),
        ):
            line.setPlaceholderText(unless)
            line.textChanged.connect(self.check)
            self.field(label, line)
        self.check()

    def why_not(self) -> str:
        """Returns which principal or time cannot be read."""
        try:
            new = self._new()
        except ValueError:
            return "A time reads 7d, 12h, 30m or 90s."
        named = [new.owner, *new.renewers] if new.owner else new.renewers
        return "" if all(":" in (one or "").strip(":") for one in named) else "A principal reads User:name."

    def make(self) -> Make:
        """Returns the function that plans the token."""
        new = self._new()
        return lambda engine: engine.plan_create_token(new)

    def _new(self) -> NewToken:
        life = self.life.text().strip()
        renewers = tuple(filter(None, _BEFORE_A_PRINCIPAL.split(self.renewers.text())))
        return NewToken(self.owner.text() or None, renewers, lifetime_ms(life) if life else None)
