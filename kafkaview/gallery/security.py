"""Pictures of the Security page: every part, every verdict, no authorizer, no rights, its sheets and a plan."""

from __future__ import annotations

from kafkaview.cluster.ports.security import Operation, Resource, ResourceType
from kafkaview.gallery import security_scenes as scenes
from kafkaview.gallery.tour_parts import Take, page_of
from kafkaview.security.decision import AclQuestion
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.security.page import SecurityPage
from kafkaview.ui.pages.security.parts import READS, Part
from kafkaview.ui.window.window import Window

_ORDERS = Resource(ResourceType.TOPIC, "orders")
_QUESTIONS = {
    "allowed": AclQuestion("User:billing", Operation.READ, _ORDERS),
    "inherited": AclQuestion("User:audit", Operation.WRITE, _ORDERS),
    "denied": AclQuestion("User:audit", Operation.DELETE, _ORDERS),
    "elsewhere": AclQuestion("User:intern", Operation.READ, _ORDERS),
    "nobody": AclQuestion("User:billing", Operation.WRITE, _ORDERS),
}


async def take_security(window: Window, take: Take) -> None:
    """Takes pictures of every part: `security-acls-light.png` and so on."""
    page = page_of(window, SecurityPage)
    window.go(Place("security"))
    _stop(window)
    for part, rows in scenes.make_parts().items():
        page.show_rows_of(part, rows)
    for name, question in _QUESTIONS.items():
        page.question.ask(question)
        await take(window, f"security-{name}")
    for part in READS:
        page.go_to(Place("security", part.value))
        await take(window, f"security-{part.value}")
    await _sheets(window, page, take)
    for name, errors in (("no-rights", scenes.make_refusals()), ("no-authorizer", scenes.make_no_authorizer())):
        page.go_to(Place("security", Part.MATRIX.value))
        for part, error in errors.items():
            page.show_refused(part, error)
        await take(window, f"security-{name}")


async def _sheets(window: Window, page: SecurityPage, take: Take) -> None:
    for name, opened in (
        ("create-acls", page.deeds.create_acls),
        ("create-user", page.deeds.create_user),
        ("set-quota", page.deeds.set_quota),
        ("create-token", page.deeds.create_token),
    ):
        opened()
        await take(window, f"security-{name}")
        _lift(window)


def _lift(window: Window) -> None:
    sheet = Veil.over(window)
    if sheet is not None:
        sheet.lift()


def _stop(window: Window) -> None:
    """Stops reading from the cluster: what is shown from here on is invented."""
    for part in READS:
        window.tasks.cancel(f"security.{part.value}")
