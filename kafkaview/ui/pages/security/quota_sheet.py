"""The fields of a quota: the limits of a user, a client or an address, or of all that have none of their own."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtWidgets import QLineEdit

from kafkaview.cluster.ports.security import Quota, QuotaEntity
from kafkaview.security.listed_columns import entity_text
from kafkaview.ui.kit.choice_field import ComboBox
from kafkaview.ui.kit.page import Context
from kafkaview.ui.writes.form_sheet import FormSheet, Make, Plan

_ENTITIES: Final = (("user",), ("client-id",), ("user", "client-id"), ("ip",))
_TITLES: Final = {"user": "User", "client-id": "Client id", "ip": "Address"}
_OF_CLIENTS: Final = {
    "producer_byte_rate": "Produce, bytes/s",
    "consumer_byte_rate": "Fetch, bytes/s",
    "request_percentage": "Request time, %",
    "controller_mutation_rate": "Mutations/s",
}
_OF_ADDRESSES: Final = {"connection_creation_rate": "Connections/s"}


class QuotaSheet(FormSheet):
    """An emptied field removes its limit; an empty name means every user without a quota of his own."""

    def __init__(self, context: Context, plan: Plan, standing: Quota | None = None) -> None:
        title = f"Quota of {entity_text(standing.entity)}" if standing else "Set a client quota"
        super().__init__(context, title, "A limit counts on each broker for itself. An empty one is no limit.", plan)
        self._standing = standing
        self.kind = ComboBox()
        for parts in _ENTITIES:
            self.kind.addItem(" and ".join(_TITLES[part].lower() for part in parts), parts)
        self.names = {part: QLineEdit() for part in _TITLES}
        self.limits = {key: QLineEdit() for key in (*_OF_CLIENTS, *_OF_ADDRESSES)}
        self.field("For", self.kind)
        for part, line in self.names.items():
            line.setPlaceholderText(f"every {_TITLES[part].lower()} without an own quota")
            self.field(_TITLES[part], line)
        for key, line in self.limits.items():
            line.setPlaceholderText("no limit")
            self.field((_OF_CLIENTS | _OF_ADDRESSES)[key], line)
            line.textChanged.connect(self.check)
        self.kind.currentIndexChanged.connect(self._turn)
        if standing is not None:
            self._fill(standing)
        self._turn()

    @property
    def entity(self) -> QuotaEntity:
        """The entity of the quota."""
        if self._standing is not None:
            return self._standing.entity
        return QuotaEntity(tuple((part, self.names[part].text() or None) for part in self._parts))

    def new_limits(self) -> dict[str, float | None]:
        """Returns the limits of the fields, None for one to remove. Raises ValueError."""
        before = self._standing.limits if self._standing is not None else {}
        found: dict[str, float | None] = {}
        for key in self._keys:
            text = self.limits[key].text().strip()
            if text or key in before:
                found[key] = _limit(text) if text else None
        return found

    def why_not(self) -> str:
        """Returns which limit is not a number above 0."""
        try:
            wanted = self.new_limits()
        except ValueError:
            return "A limit is a number above 0."
        return "" if wanted else "No limit is set."

    def make(self) -> Make:
        """Returns the function that plans these limits."""
        entity, limits = self.entity, self.new_limits()
        return lambda engine: engine.plan_set_quota(entity, limits)

    @property
    def _parts(self) -> tuple[str, ...]:
        if self._standing is not None:
            return tuple(part for part, _name in self._standing.entity.parts)
        return tuple(self.kind.currentData())

    @property
    def _keys(self) -> tuple[str, ...]:
        return tuple(_OF_ADDRESSES if "ip" in self._parts else _OF_CLIENTS)

    def _fill(self, standing: Quota) -> None:
        for key, limit in standing.limits.items():
            if key in self.limits:
                self.limits[key].setText(f"{limit:.15g}")

    def _turn(self) -> None:
        self.show_field(self.kind, shown=self._standing is None)
        for part, line in self.names.items():
            self.show_field(line, shown=self._standing is None and part in self._parts)
        for key, line in self.limits.items():
            self.show_field(line, shown=key in self._keys)
        self.check()


def _limit(text: str) -> float:
    limit = float(text.replace(",", "").replace("_", ""))
    if not math.isfinite(limit) or limit <= 0:
        raise ValueError(text)
    return limit
