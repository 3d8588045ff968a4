"""What can be done on the page: every deed leads to a sheet with fields or straight to a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kafkaview.access.plans import delete_acls, delete_scram, set_quota
from kafkaview.cluster.errors import ClusterError
from kafkaview.ui.actions import Action
from kafkaview.ui.security.acl_sheet import AclSheet
from kafkaview.ui.security.parts import Part
from kafkaview.ui.security.quota_sheet import QuotaSheet
from kafkaview.ui.security.user_sheet import UserSheet
from kafkaview.ui.security.words import open_to_all
from kafkaview.ui.states import Way

if TYPE_CHECKING:
    from kafkaview.ui.security.page import SecurityPage


class Deeds:
    """The buttons above the tables."""

    def __init__(self, page: SecurityPage) -> None:
        self._page = page
        page.acls.can("Delete selected…", self.delete_acls, of_selection=True)
        page.acls.can("Create…", self.create_acls)
        page.users.can("Delete…", self.delete_user, of_selection=True)
        page.users.can("Change password…", self.change_password, of_selection=True)
        page.users.can("Create…", self.create_user)
        page.quotas.can("Remove…", self.remove_quota, of_selection=True)
        page.quotas.can("Change…", self.change_quota, of_selection=True)
        page.quotas.can("Set…", self.set_quota)

    def actions(self) -> tuple[Action, ...]:
        """The same from the palette."""
        where = self._page.title
        return (
            Action("acls.create", "Create ACLs…", self.create_acls, icon="plus", where=where, why_not=self._no_acls),
            Action("users.create", "Create a SCRAM user…", self.create_user, icon="plus", where=where),
            Action("quotas.set", "Set a client quota…", self.set_quota, icon="plus", where=where),
        )

    def ways(self, part: Part) -> tuple[Way, ...]:
        """What fills a part that is empty."""
        creating = {
            Part.ACLS: Way("Create ACLs…", self.create_acls, "plus"),
            Part.USERS: Way("Create a SCRAM user…", self.create_user, "plus"),
            Part.QUOTAS: Way("Set a client quota…", self.set_quota, "plus"),
        }
        return (creating[part],) if part in creating else ()

    def create_acls(self) -> None:
        """Presets first."""
        page = self._page
        AclSheet(page.context, page.plan, page.principals(), page.names()).open()

    def delete_acls(self) -> None:
        """Every selected one."""
        chosen = self._page.acls.table.selection
        if chosen:
            self._page.plan(lambda session: delete_acls(session, chosen))

    def create_user(self) -> None:
        """A name and a password."""
        UserSheet(self._page.context, self._page.plan).open()

    def change_password(self) -> None:
        """Of the selected user and mechanism."""
        chosen = self._page.users.table.selected
        if chosen is not None:
            UserSheet(self._page.context, self._page.plan, chosen).open()

    def delete_user(self) -> None:
        """The selected mechanism of its user."""
        chosen = self._page.users.table.selected
        if chosen is not None:
            self._page.plan(lambda session: delete_scram(session, chosen.user, chosen.mechanism))

    def set_quota(self) -> None:
        """For whom, then how much."""
        QuotaSheet(self._page.context, self._page.plan).open()

    def change_quota(self) -> None:
        """The limits of the selected entity."""
        chosen = self._page.quotas.table.selected
        if chosen is not None:
            QuotaSheet(self._page.context, self._page.plan, chosen).open()

    def remove_quota(self) -> None:
        """Every limit of the selected entity."""
        chosen = self._page.quotas.table.selected
        if chosen is not None:
            limits = dict.fromkeys(chosen.limits)
            self._page.plan(lambda session: set_quota(session, chosen.entity, limits))

    def _no_acls(self) -> str:
        error: ClusterError | None = self._page.refused.get(Part.ACLS)
        return "This cluster has no authorizer: it keeps no ACL" if open_to_all(error) else ""
