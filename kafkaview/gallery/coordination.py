"""Pictures of the Coordination page in the states that a demo's single broker does not show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kafkaview.coordination.view import CoordinationView
from kafkaview.gallery import quorum_scenes as scenes
from kafkaview.gallery.tour_parts import Take, page_of
from kafkaview.ui.kit.page import Place
from kafkaview.ui.pages.coordination.page import CoordinationPage
from kafkaview.ui.window.window import Window

_SCENES: Final[dict[str, Callable[[], CoordinationView]]] = {
    "healthy": scenes.make_healthy,
    "no-fault-left": scenes.make_one_down,
    "lost": scenes.make_lost,
    "silent": scenes.make_silent,
    "no-rights": scenes.make_refused,
    "no-quorum": scenes.make_zookeeper,
    "migrating": scenes.make_migrating,
    "unknown": scenes.make_unknown,
    "many": scenes.make_many,
}


async def take_coordination(window: Window, take: Take) -> None:
    """Takes pictures of every scene: `coordination-lost-light.png` and so on. The page watches nothing after that."""
    page = page_of(window, CoordinationPage)
    window.tasks.cancel("coordination")
    window.go(Place("coordination", "quorum"))
    for name, scene in _SCENES.items():
        page.show_coordination(scene())
        page.go_to(Place("coordination", "quorum:3"))
        await take(window, f"coordination-{name}")
