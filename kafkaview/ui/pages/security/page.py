"""The Security page: a question with its answer at the top; below, the parts, each read on its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.security import DelegationToken, ListenerCertificate, Quota, ResourceType, ScramCredential
from kafkaview.security.acl_hosts import spell_host
from kafkaview.security.decision import AclQuestion, Rules
from kafkaview.security.expiry import days_left
from kafkaview.security.grant_line import principal_of
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.again import Again
from kafkaview.ui.kit.controls import hairline
from kafkaview.ui.kit.layout import column, fill_widget, inset
from kafkaview.ui.kit.lazy_parts import LazyParts
from kafkaview.ui.kit.page import Context, Page, Place
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.kit.tab_stack import TabStack
from kafkaview.ui.kit.tables import FilterField, RowMenu
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.security.matrix_pane import MatrixPane
from kafkaview.ui.pages.security.panes import AclPane, CertificatePane, Pane, quota_pane, token_pane, user_pane
from kafkaview.ui.pages.security.part_view import SecurityPartView
from kafkaview.ui.pages.security.parts import ABOUT, READS, Part
from kafkaview.ui.pages.security.question import QuestionBar
from kafkaview.ui.pages.security.security_actions import SecurityActions
from kafkaview.ui.pages.security.words import WARN_DAYS, describe_unreadable, finding
from kafkaview.ui.writes.change_kind import open_change
from kafkaview.ui.writes.form_sheet import Make
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.ui.writes.write_result import Result
from kafkaview.writes.plan import ChangePlan

_LEAST_HEIGHT = 220
_PANES: Mapping[Part, Callable[[Theme], Pane[Any]]] = {
    Part.ACLS: AclPane,
    Part.USERS: user_pane,
    Part.QUOTAS: quota_pane,
    Part.TOKENS: token_pane,
    Part.CERTIFICATES: CertificatePane,
}
Names = tuple[tuple[str, ...], ...]


class SecurityPage(Page):
    """A place here is the part in front: `acls`, `users`, ..."""

    id = "security"
    title = "Security"
    icon = "shield"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        theme = context.theme
        self.rules: Rules | None = None
        self.rows: dict[Part, Sequence[Any]] = {}
        self.refused: dict[Part, ClusterError] = {}
        self._again = {part: Again() for part in READS}
        self._view: View | None = None
        self.filter = FilterField(theme)
        self.filter.setFixedWidth(theme.px(200))
        self.question = QuestionBar(theme)
        self.matrix = MatrixPane(theme, RowMenu(lambda _row: context.command_line("acls")))
        self.panes: LazyParts[Part, Pane[Any]] = LazyParts(_PANES, self._make_pane)
        self.deeds = SecurityActions(self)
        matrix = self._make_room(Part.MATRIX)
        rooms = {part: matrix if part is Part.MATRIX else partial(self._make_room, part) for part in Part}
        self.tabs: TabStack[SecurityPartView] = TabStack(
            {part.value: (ABOUT[part].title, room) for part, room in rooms.items()}, wraps=True
        )
        self.rooms = self.tabs.tabs
        self._lay_out()
        self._connect()

    @property
    def acls(self) -> AclPane:
        """The ACLs."""
        pane = self._pane(Part.ACLS)
        assert isinstance(pane, AclPane)
        return pane

    @property
    def users(self) -> Pane[ScramCredential]:
        """The SCRAM users."""
        return self._pane(Part.USERS)

    @property
    def quotas(self) -> Pane[Quota]:
        """The client quotas."""
        return self._pane(Part.QUOTAS)

    @property
    def tokens(self) -> Pane[DelegationToken]:
        """The delegation tokens."""
        return self._pane(Part.TOKENS)

    @property
    def certificates(self) -> Pane[ListenerCertificate]:
        """What the listeners show."""
        return self._pane(Part.CERTIFICATES)

    def lazy_parts(self) -> Sequence[LazyParts[Any, Any]]:
        """Returns the parts."""
        return (self.rooms,)

    def head_actions(self) -> Sequence[QWidget]:
        """Returns the filter."""
        return (self.filter,)

    def actions_of_page(self) -> tuple[Action, ...]:
        """Returns an action for each part, and the actions that create something."""
        parts = tuple(
            Action(
                f"security.{part.value}",
                f"Security: {ABOUT[part].title}",
                partial(self.context.go, Place(self.id, part.value)),
                icon=self.icon,
                where=self.title,
            )
            for part in Part
        )
        return (*parts, *self.deeds.actions())

    def show_view(self, view: View) -> None:
        """Offers the topics and groups of a sample. While brokers answer, what they left open is asked again."""
        if view.current and self.isVisible():
            for again in self._again.values():
                again.go_on()
        before, self._view = self._view, view
        if before is None or _names(before) != _names(view):
            self._offer()

    def refresh(self) -> None:
        """Reads every part again, if the page is visible."""
        if not self.isVisible():
            return
        for part in READS:
            self._read(part)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's: reads when it comes to the front."""
        super().showEvent(event)
        self.refresh()

    def filter_focus(self) -> None:
        """Puts the cursor into the filter."""
        self.filter.setFocus()

    def place(self) -> Place:
        """Returns the part in front."""
        return Place(self.id, self.tabs.current, self.filter.text())

    def go_to(self, place: Place) -> None:
        """Brings a part to the front."""
        self.filter.setText(place.filter)
        if place.what in tuple(Part) and place.what != self.tabs.current:
            self.tabs.choose(place.what)

    def selection(self, part: Part) -> Sequence[Any]:
        """Returns the selected rows of a part; none of one that was never opened."""
        return self.panes.made[part].table.selection if part in self.panes.made else ()

    def principals(self) -> tuple[str, ...]:
        """Returns every principal that is named in any part."""
        rules = self.rules
        named = {acl.principal for acl in rules.acls} | set(rules.super_users or ()) if rules is not None else set()
        named |= {f"User:{row.user}" for row in self.rows.get(Part.USERS, ())}
        return tuple(sorted(named)) or (principal_of(self.context.profile),)

    def names(self) -> dict[ResourceType, tuple[str, ...]]:
        """Returns the known names of each type of resource."""
        found: dict[ResourceType, set[str]] = {kind: set() for kind in ResourceType}
        for acl in self.rules.acls if self.rules is not None else ():
            found[acl.resource_type].add(acl.name)
        if self._view is not None:
            found[ResourceType.TOPIC].update(self._view.ordinary_topics)
            found[ResourceType.GROUP].update(self._view.groups.names if self._view.groups is not None else ())
        return {kind: tuple(sorted(names - {"*"})) for kind, names in found.items()}

    def show_rows_of(self, part: Part, answer: Any) -> None:
        """Shows the answer of a part: rules for the ACLs, else rows."""
        self.refused.pop(part, None)
        self._again[part].note_success()
        if isinstance(answer, Rules):
            self.rules, answer = answer, answer.acls
            self._offer()
        self.rows[part] = answer
        if part in self.panes.made:
            self.panes[part].set_rows(answer)
            self._follow_front()
        if (room := self.rooms.made.get(part)) is not None:
            room.show_rows(some=bool(answer))
        self._say(part)

    def show_refused(self, part: Part, error: ClusterError) -> None:
        """Shows why a part is unknown."""
        self.refused[part] = error
        self._again[part].note_failure(error, partial(self._read, part))
        if (room := self.rooms.made.get(part)) is not None:
            room.show_error(error)
        self._say(part)

    def plan(self, make: Make) -> PlanDialog[ChangePlan]:
        """Opens the dialog of a change; what it touched is read again when it has ended."""
        return open_change(self.context, make, self._refresh_after)

    def _pane(self, part: Part) -> Pane[Any]:
        """Returns a pane inside its query view."""
        return self.panes[self.rooms[part].part]

    def _make_pane(self, part: Part) -> Pane[Any]:
        pane = _PANES[part](self.context.theme)
        pane.table.menu = RowMenu(lambda _row: self.context.command_line(part.value))
        for text, do, why_not in self.deeds.buttons(part):
            pane.can(text, do, why_not)
        pane.table.delete_wanted.connect(partial(self.deeds.delete, part))
        if part is Part.ACLS:
            pane.table.opened.connect(lambda _acl: self.deeds.ask())
        pane.model.set_filter(self.filter.text())
        pane.set_rows(self.rows.get(part, ()))
        return pane

    def _make_room(self, part: Part) -> SecurityPartView:
        content = self.matrix if part is Part.MATRIX else self.panes[part]
        context = self.context
        room = SecurityPartView(context.theme, context.profile, part, content, self.refresh, self.deeds.ways(part))
        if part in self.rows:
            room.show_rows(some=bool(self.rows[part]))
        if part in self.refused:
            room.show_error(self.refused[part])
        return room

    def _refresh_after(self, _result: Result) -> None:
        self.refresh()

    def _read(self, part: Part) -> None:
        self.context.tasks.ask(f"security.{part.value}", self._read_part(part), partial(self.show_refused, part))

    async def _read_part(self, part: Part) -> None:
        self.show_rows_of(part, await READS[part](self.context.engine))

    def _say(self, part: Part) -> None:
        title = ABOUT[part].title
        known = part in self.rows and part not in self.refused
        self.tabs.set_title(part.value, f"{title} {len(self.rows[part]):,}" if known else title)
        now = now_ms()
        left = [days_left(row.not_after_ms, now) for row in self.rows.get(Part.CERTIFICATES, ())]
        ending = sum(days is not None and days < WARN_DAYS for days in left)
        counts = {one: len(rows) for one, rows in self.rows.items() if one not in self.refused}
        if Part.USERS in counts:
            counts[Part.USERS] = len({row.user for row in self.rows[Part.USERS]})  # a row is a mechanism of a user
        self.finding_changed.emit(finding(counts, self.refused, ending))
        if part is Part.ACLS:
            self._answer()

    def _answer(self) -> None:
        error = self.refused.get(Part.ACLS)
        rules = self.rules if error is None or self.rooms[Part.ACLS].shows_content else None
        self.question.answer(rules, describe_unreadable(error) if error is not None and rules is None else None)
        resource = self.question.resource
        if error is not None and rules is None:
            self.rooms[Part.MATRIX].show_error(error)
        elif rules is not None:
            self.rooms[Part.MATRIX].show_rows(some=True)
            if resource is not None:
                self.matrix.show_rights(resource, rules, self.question.host.text.strip() or None)

    def _ask(self, question: AclQuestion) -> None:
        self.question.ask(question)

    def _offer(self) -> None:
        named = {acl.host for acl in self.rules.acls} if self.rules is not None else set()
        self.question.offer(self.principals(), self.names(), sorted(filter(spell_host, named)))

    def _show_acls_of(self, principal: str) -> None:
        self.context.go(Place(self.id, Part.ACLS.value, principal))

    def _filter(self, text: str) -> None:
        self.matrix.set_filter(text)
        for pane in self.panes.made.values():
            pane.model.set_filter(text)
        self._follow_front()

    def _follow_front(self) -> None:
        """Lets the filter count, and lead into, the table in front."""
        pane = self.panes.made.get(Part(self.tabs.current))
        if pane is not None:
            self.filter.lead_to(pane.table)
            self.filter.show_count(pane.model.rowCount(), pane.model.candidates)

    def _connect(self) -> None:
        self.filter.filtered.connect(self._filter)
        self.tabs.turned.connect(lambda _name: self._follow_front())
        self.tabs.turned.connect(lambda _name: self.moved.emit())
        self.question.asked.connect(self._answer)
        self.matrix.asks.connect(self._ask)
        self.matrix.names.connect(self._show_acls_of)

    def _lay_out(self) -> None:
        bar = fill_widget(QWidget(), inset(self.tabs.segments, 8, 8))
        above = (self.question, hairline(), bar)
        self.setLayout(column(Roomy(self.context.theme, above, self.tabs, _LEAST_HEIGHT)))


def _names(view: View) -> Names:
    """Returns the names to choose from; the very same tuples for a sample with the same names, to compare quickly."""
    return tuple(rows.names for rows in (view.topics, view.groups) if rows is not None)
