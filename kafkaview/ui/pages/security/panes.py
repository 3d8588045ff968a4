"""The tables of the parts, each with its buttons."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from PySide6.QtWidgets import QWidget

from kafkaview.clock import now_ms
from kafkaview.cluster.ports.security import Acl, DelegationToken, ListenerCertificate, Quota, ScramCredential
from kafkaview.ui.kit.controls import Button, Segments, escape_tip
from kafkaview.ui.kit.flow_layout import Flow
from kafkaview.ui.kit.layout import column, fill_widget
from kafkaview.ui.kit.tables import Column, Table, TableModel
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.security.column_looks import ACLS, QUOTAS, TOKENS, USERS, by_days, certificate_columns

T = TypeVar("T")


class Pane(QWidget, Generic[T]):
    """A table under a row of buttons; a button that cannot be pressed now is grey and says why."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        columns: Sequence[Column[T]],
        key: Callable[[T], Hashable],
        lead: QWidget | None = None,
    ) -> None:
        super().__init__()
        self._theme = theme
        self.model: TableModel[T] = TableModel(columns, key)
        self.table: Table[T] = Table(theme, self.model, name)
        self._buttons: list[tuple[Button, Callable[[Sequence[T]], str]]] = []
        self.bar = Flow()
        self.bar.setContentsMargins(16, 8, 16, 8)
        if lead is not None:
            self.bar.addWidget(lead)
        self.bar.push()
        fill_widget(self, column(self.bar, last=self.table))
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._fit())

    def set_rows(self, rows: Sequence[T]) -> None:
        """Shows the rows that were read."""
        self.table.set_rows(rows)
        self._fit()

    def can(self, text: str, do: Callable[[], object], why_not: Callable[[Sequence[T]], str]) -> Button:
        """Adds a button. `why_not` returns why it cannot be pressed for the selected rows; empty if it can."""
        button = Button(self._theme, text, clicked=do)
        self.bar.addWidget(button)
        self._buttons.append((button, why_not))
        self._fit()
        return button

    def _fit(self) -> None:
        selection = self.table.selection
        for button, why_not in self._buttons:
            reason = why_not(selection)
            button.setEnabled(not reason)
            button.setToolTip(escape_tip(reason))


class AclPane(Pane[Acl]):
    """ACLs by principal or by resource."""

    def __init__(self, theme: Theme) -> None:
        self.order = Segments((("principal", "By principal"), ("resource", "By resource")))
        super().__init__(theme, "ACLs", ACLS, lambda acl: acl, self.order)
        self.order.chosen.connect(self._sort)
        self._sort("principal")

    def _sort(self, order: str) -> None:
        titles = ("Principal", "Resource", "Name") if order == "principal" else ("Resource", "Name", "Principal")
        for place, title in enumerate(titles):
            column = next(number for number, one in enumerate(ACLS) if one.title == title)
            self.model.sort_by(column, add=place > 0)


def user_pane(theme: Theme) -> Pane[ScramCredential]:
    """Returns the table of SCRAM users, a row for each mechanism."""
    return Pane(theme, "SCRAM users", USERS, lambda row: (row.user, row.mechanism))


def quota_pane(theme: Theme) -> Pane[Quota]:
    """Returns the table of client quotas."""
    return Pane(theme, "Client quotas", QUOTAS, lambda row: row.entity)


def token_pane(theme: Theme) -> Pane[DelegationToken]:
    """Returns the table of delegation tokens."""
    return Pane(theme, "Delegation tokens", TOKENS, lambda row: row.token_id)


class CertificatePane(Pane[ListenerCertificate]):
    """The certificate of every listener, those that end first at the top."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme, "Certificates", certificate_columns(now_ms), lambda r: (r.broker_id, r.listener, r.port)
        )

    def set_rows(self, rows: Sequence[ListenerCertificate]) -> None:
        """Shows the certificates that were read."""
        super().set_rows(by_days(rows, now_ms()))
