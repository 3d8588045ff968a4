"""The actions of the page: each opens a sheet with fields or directly a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from kafkaview.cluster.errors import ClusterError, RefusedByPolicy, UnsupportedByBroker
from kafkaview.cluster.ports.security import ANY_HOST, ANY_NAME, Acl, Operation, PatternType, Resource, ResourceType
from kafkaview.security.decision import AclQuestion
from kafkaview.security.matrix import OPERATIONS
from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.states import StateAction
from kafkaview.ui.pages.security.acl_sheet import AclSheet
from kafkaview.ui.pages.security.parts import Part
from kafkaview.ui.pages.security.quota_sheet import QuotaSheet
from kafkaview.ui.pages.security.token_sheet import TokenSheet
from kafkaview.ui.pages.security.user_sheet import UserSheet
from kafkaview.ui.pages.security.words import open_to_all

if TYPE_CHECKING:
    from kafkaview.ui.pages.security.page import SecurityPage


_DELETING: Final = ("Delete selected…", "Delete…", "Remove…", "Expire…")
ButtonOf = tuple[str, Callable[[], object], Callable[[Sequence[Any]], str]]


class SecurityActions:
    """The actions, as buttons above the tables and in the palette."""

    def __init__(self, page: SecurityPage) -> None:
        self._page = page
        read_only = page.context.profile.read_only
        self._why_not = "This profile is read-only" if read_only else ""

    def buttons(self, part: Part) -> Sequence[ButtonOf]:
        """Returns the buttons above a part's table: words, action, and why not for the selected rows."""
        buttons: dict[Part, Sequence[ButtonOf]] = {
            Part.ACLS: (
                ("Ask", self.ask, _no_question),
                ("Open in Topics", self.open_topic, _no_topic),
                ("Delete selected…", self.delete_acls, self._of_selection),
                ("Create…", self.create_acls, self._of_all),
            ),
            Part.USERS: (
                ("Delete…", self.delete_user, self._of_selection),
                ("Change password…", self.change_password, self._of_selection),
                ("Create…", self.create_user, self._of_all),
            ),
            Part.QUOTAS: (
                ("Remove…", self.remove_quota, self._of_selection),
                ("Change…", self.change_quota, self._of_selection),
                ("Set…", self.set_quota, self._of_all),
            ),
            Part.TOKENS: (
                ("Expire…", self.expire_token, self._of_selection),
                ("Renew…", self.renew_token, self._of_selection),
                ("Create…", self.create_token, self._of_all),
            ),
        }
        return buttons.get(part, ())

    def actions(self) -> tuple[Action, ...]:
        """Returns the actions for the palette."""
        where = self._page.title
        return (
            Action("acls.create", "Create ACLs…", self.create_acls, icon="plus", where=where, why_not=self._no_acls),
            Action(
                "users.create", "Create a SCRAM user…", self.create_user, icon="plus", where=where, why_not=self._writes
            ),
            Action("quotas.set", "Set a client quota…", self.set_quota, icon="plus", where=where, why_not=self._writes),
            Action(
                "tokens.create",
                "Create a delegation token…",
                self.create_token,
                icon="plus",
                where=where,
                why_not=self._no_tokens,
            ),
            *self._on_selected(where),
        )

    def _on_selected(self, where: str) -> Iterator[Action]:
        """Returns the actions on the selected rows of each part."""
        titles = {
            (Part.ACLS, "Ask"): "Ask what the selected ACL answers",
            (Part.ACLS, "Open in Topics"): "Open the topic of the selected ACL",
            (Part.ACLS, "Delete selected…"): "Delete the selected ACLs…",
            (Part.USERS, "Delete…"): "Delete the selected SCRAM user…",
            (Part.USERS, "Change password…"): "Change the password of the selected SCRAM user…",
            (Part.QUOTAS, "Remove…"): "Remove the selected client quota…",
            (Part.QUOTAS, "Change…"): "Change the selected client quota…",
            (Part.TOKENS, "Expire…"): "Expire the selected delegation token…",
            (Part.TOKENS, "Renew…"): "Renew the selected delegation token…",
        }
        for number, ((part, words), title) in enumerate(titles.items()):
            do, why_not = next((do, why) for text, do, why in self.buttons(part) if text == words)
            yield Action(
                f"{part.value}.selected.{number}",
                title,
                do,
                icon="shield",
                where=where,
                why_not=partial(self._why_not_on_selected, part, why_not),
            )

    def _why_not_on_selected(self, part: Part, why_not: Callable[[Sequence[Any]], str]) -> str:
        return why_not(self._page.selection(part))

    def delete(self, part: Part) -> None:
        """Plans to delete the selected rows of a part, if they can be deleted."""
        for words, do, why_not in self.buttons(part):
            if words in _DELETING and not why_not(self._page.selection(part)):
                do()

    def ways(self, part: Part) -> tuple[StateAction, ...]:
        """Returns the buttons of a part that is empty."""
        creating = {
            Part.ACLS: StateAction("Create ACLs…", self.create_acls, "plus"),
            Part.USERS: StateAction("Create a SCRAM user…", self.create_user, "plus"),
            Part.QUOTAS: StateAction("Set a client quota…", self.set_quota, "plus"),
            Part.TOKENS: StateAction("Create a delegation token…", self.create_token, "plus"),
        }
        return (creating[part],) if part in creating and not self._why_not else ()

    def ask(self) -> None:
        """Asks the question that the selected ACL answers."""
        chosen = self._page.acls.table.selected
        if chosen is not None and not _no_question((chosen,)):
            self._page.question.ask(question_of(chosen))

    def open_topic(self) -> None:
        """Opens the topic that the selected ACL names."""
        chosen = self._page.acls.table.selected
        if chosen is not None:
            self._page.context.go(Place("topics", chosen.name))

    def create_acls(self) -> None:
        """Opens the fields of new ACLs, presets first."""
        page = self._page
        AclSheet(page.context, page.plan, page.principals(), page.names()).open()

    def delete_acls(self) -> None:
        """Plans to delete the selected ACLs."""
        chosen = tuple(self._page.acls.table.selection)
        if chosen:
            self._page.plan(lambda engine: engine.plan_delete_acls(chosen))

    def create_user(self) -> None:
        """Asks for a name and a password."""
        UserSheet(self._page.context, self._page.plan).open()

    def change_password(self) -> None:
        """Asks for another password of the selected user and mechanism."""
        chosen = self._page.users.table.selected
        if chosen is not None:
            UserSheet(self._page.context, self._page.plan, chosen).open()

    def delete_user(self) -> None:
        """Plans to delete the selected mechanism of its user."""
        chosen = self._page.users.table.selected
        if chosen is not None:
            self._page.plan(lambda engine: engine.plan_delete_scram(chosen.user, chosen.mechanism))

    def set_quota(self) -> None:
        """Asks for an entity and its limits."""
        QuotaSheet(self._page.context, self._page.plan).open()

    def change_quota(self) -> None:
        """Asks for other limits of the selected entity."""
        chosen = self._page.quotas.table.selected
        if chosen is not None:
            QuotaSheet(self._page.context, self._page.plan, chosen).open()

    def remove_quota(self) -> None:
        """Plans to remove every limit of the selected entity."""
        chosen = self._page.quotas.table.selected
        if chosen is not None:
            limits = dict.fromkeys(chosen.limits)
            self._page.plan(lambda engine: engine.plan_set_quota(chosen.entity, limits))

    def create_token(self) -> None:
        """Asks for the owner of a new token: this login or somebody else."""
        TokenSheet(self._page.context, self._page.plan).open()

    def renew_token(self) -> None:
        """Plans to renew the selected token for as long as the brokers allow."""
        chosen = self._page.tokens.table.selected
        if chosen is not None:
            self._page.plan(lambda engine: engine.plan_renew_token(chosen.token_id))

    def expire_token(self) -> None:
        """Plans to expire the selected token at once."""
        chosen = self._page.tokens.table.selected
        if chosen is not None:
            self._page.plan(lambda engine: engine.plan_expire_token(chosen.token_id))

    def _no_tokens(self) -> str:
        """Returns why no token can be created: what the broker said when the tokens were read."""
        error = self._page.refused.get(Part.TOKENS)
        return self._why_not or (error.message if isinstance(error, RefusedByPolicy | UnsupportedByBroker) else "")

    def _no_acls(self) -> str:
        error: ClusterError | None = self._page.refused.get(Part.ACLS)
        return "This cluster has no authorizer: it keeps no ACL" if open_to_all(error) else self._why_not

    def _writes(self) -> str:
        return self._why_not

    def _of_all(self, _rows: Sequence[object]) -> str:
        return self._why_not

    def _of_selection(self, rows: Sequence[object]) -> str:
        return self._why_not or _why_no_row(rows)


def question_of(acl: Acl) -> AclQuestion:
    """Returns the question that an ACL answers, asked of the shortest name that it fits."""
    operation = OPERATIONS[acl.resource_type][0] if acl.operation is Operation.ALL else acl.operation
    host = None if acl.host == ANY_HOST else acl.host
    return AclQuestion(acl.principal, operation, Resource(acl.resource_type, acl.name), host)


def _why_no_row(rows: Sequence[object]) -> str:
    return "" if rows else "Select a row first"


def _no_question(rows: Sequence[Acl]) -> str:
    if not rows:
        return "Select a row first"
    asked = (Operation.ALL, *OPERATIONS.get(rows[0].resource_type, ()))
    return "" if rows[0].operation in asked and rows[0].resource_type in OPERATIONS else "No question asks for this"


def _no_topic(rows: Sequence[Acl]) -> str:
    named = rows and rows[0].resource_type is ResourceType.TOPIC and rows[0].pattern is PatternType.LITERAL
    return "" if named and rows[0].name != ANY_NAME else "Select an ACL that names one topic"
