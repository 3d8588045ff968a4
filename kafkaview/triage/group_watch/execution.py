"""Carries a watch out: the queue where it is to be made, then the run, of which the journal has how far it came."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from kafkaview.cluster.errors import ClusterError, TopicExists
from kafkaview.triage.group_watch.facts import GroupWatchFacts
from kafkaview.triage.group_watch.figures import WatchFigures
from kafkaview.triage.group_watch.run import GroupWatchRun
from kafkaview.triage.reroute.recheck import making_queue
from kafkaview.writes.execution import Execution, cancel_again, reason_of
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.steps import Progress, WriteStepName

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.writes.plan import ChangePlan

WATCHED: Final = "watched"  # in the outcome of the journal
_UNSURE: Final = "the last commit was sent and no clear answer came: the last copies may stand"
_NOTE_S: Final = 1.0


class GroupWatchExecution(Execution[ChangeOutcome]):
    """One execution of one watch."""

    checking = "Topics as planned"

    def __init__(
        self,
        session: Session,
        plan: ChangePlan,
        journal_id: int,
        progress: Progress,
        *,
        facts: GroupWatchFacts,
        run: GroupWatchRun,
    ) -> None:
        super().__init__(session, journal_id, progress)
        self._plan = plan
        self._facts = facts
        self._run = run
        run.figures.journal_id = journal_id
        self._noted: dict[str, Any] = {}
        self._noted_at = 0.0
        self._ended_by = ""

    async def check(self) -> None:
        """Looks whether the topics are still there. Raises UnknownTopicOrPartition."""
        for topic in self._facts.topics:
            await self.session.cluster.topic(topic.name)

    async def write(self) -> None:
        """Makes the queue and watches until the end is asked for. What ends it once a copy is committed is no error:
        `follow` says what stands.
        """
        await self._make_queue()
        self.progress.begin(WriteStepName.WATCH, "Watching")
        try:
            await self._run.run(self._note)
        except ClusterError as error:
            if not self._run.figures.copied:
                raise
            self._ended_by = error.message
        except asyncio.CancelledError:
            self._ended_by = "It was interrupted"
            cancel_again()

    async def follow(self) -> ChangeOutcome:
        """Returns what was found and copied: each copy was committed before it was counted."""
        self.progress.end(detail=self._run.figures.words(), failed=bool(self._ended_by) or self._run.unanswered)
        await asyncio.sleep(0)  # a cancellation comes here, and not while the journal gets the outcome
        return self.unfollowed()

    def unfollowed(self) -> ChangeOutcome:
        """Returns the same."""
        figures = self._run.figures
        doubt = "; ".join(filter(None, [self._ended_by, _UNSURE if self._run.unanswered else ""]))
        unseen = self._run.unanswered and not self._ended_by
        return ChangeOutcome(
            self.journal_id, self._plan.title, doubt, detail=figures.words(), unseen=unseen, result=self._document()
        )

    def may_stand(self, _error: BaseException) -> bool:
        """Whether its last copies may be committed: no clear answer came."""
        return self._run.unanswered

    async def refusal(self, error: BaseException) -> dict[str, Any]:
        """Returns why it ended before a copy was committed."""
        return {"message": reason_of(error), **self._document()}

    def _document(self) -> dict[str, Any]:
        """Returns what it came to, as JSON. No other watch goes on from the entry."""
        return {WATCHED: {**self._run.figures.document(), "complete": True}}

    async def _make_queue(self) -> None:
        queue = self._facts.queue
        if queue is None or queue.topic is not None:
            return
        self.progress.begin(WriteStepName.TOPIC, f"Creating {queue.name}")
        with making_queue(queue.name), suppress(TopicExists):  # another copy of the watch was faster
            await self.session.cluster.create_topic(
                queue.name, queue.partitions, queue.replication_factor, dict(queue.changes)
            )

    async def _note(self, figures: WatchFigures) -> None:
        """Stores how far it has come, at most once a second. Raises JournalUnavailable, which ends the watch: nothing
        is copied that could not be journalled.
        """
        if time.monotonic() < self._noted_at + _NOTE_S:
            return
        document = figures.document()
        if document != self._noted:
            await self.session.journal.note(self.journal_id, {WATCHED: document})
            self._noted = document
        self._noted_at = time.monotonic()
