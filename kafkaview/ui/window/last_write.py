"""The last write on the cluster of a window, to be undone by a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kafkaview.cluster.errors import ClusterError
from kafkaview.ui.kit.banner import BannerKind
from kafkaview.ui.kit.page import Context

if TYPE_CHECKING:
    from kafkaview.ui.window.window import Window


class LastWrite:
    """Finds the last write in the journal and opens the plan that undoes it, or says why there is none."""

    def __init__(self, window: Window) -> None:
        self._window = window

    def undo(self) -> None:
        """Looks for it once the cluster has told its id."""
        window = self._window
        if window.context is not None and window.view is not None and window.view.info is not None:
            work = self._open(window.context, window.view.info.cluster_id)
            window.tasks.ask("journal.last", work, self._refuse)

    async def _open(self, context: Context, here: str | None) -> None:
        from kafkaview.ui.writes.undoing import open_undo  # with the first plan, not with the window
        from kafkaview.writes.undo_checks import why_not_undone

        last = await context.engine.last_write(here)
        if last is None:
            self._window.say_news(BannerKind.STALE, "There is nothing to undo on this cluster.")
            return
        why = why_not_undone(last, here)
        if why:
            news = f"The last write that stands, entry {last.id} ({last.title}), cannot be undone."
            self._window.say_news(BannerKind.STALE, news, f"{why}.")
            return
        ended = lambda _result: self._window.refresh()  # noqa: E731
        open_undo(context, last.id, asks_members=last.moves_offsets, ended=ended)

    def _refuse(self, error: ClusterError) -> None:
        self._window.say_error("Undo", error)
