"""The engine ends while something is written: the next one tells what became of it, by the journal and the cluster."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from kafkaview.cluster.errors import (
    ClusterError,
    NotAuthorized,
    OutcomeUnknown,
    QueueUnsure,
    RefusedHere,
    Unreachable,
)
from kafkaview.cluster.ports.brokers import BrokerDescription
from kafkaview.cluster.ports.cluster import Copy, GroupMove, TransactionStage
from kafkaview.cluster.ports.group_offsets import Refused
from kafkaview.cluster.ports.security import NewScramCredential, QuotaEntity, ScramMechanism
from kafkaview.decode.topics import TopicDecoders
from kafkaview.engine import client as client_module
from kafkaview.engine.caller import engine_lost
from kafkaview.engine.client import EngineClient
from kafkaview.engine.connection_service import ConnectionService
from kafkaview.engine.session_service import SessionService
from kafkaview.journal.entry import EntryState, Intent
from kafkaview.journal.store import Journal
from kafkaview.profiles.journal_rules import JournalRules
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import CommittedOffset, Record, RecordId, TopicPartition
from kafkaview.triage.reroute import execution as rerouting
from kafkaview.triage.reroute.outcome import RerouteOutcome, TransactionState
from kafkaview.triage.reroute.request import RerouteRequest
from kafkaview.writes import follow_up as following
from kafkaview.writes import settling
from kafkaview.writes.offsets.group_facts import read_group
from kafkaview.writes.offsets.request import OffsetsRequest, parse_target
from kafkaview.writes.outcome import ChangeEnd, ChangeOutcome
from kafkaview.writes.plan import ChangePlan, Plan
from kafkaview.writes.steps import LOOKING_UP, StepState, WriteStep, WriteStepName
from kafkaview.writes.topics.creation import NewTopic
from tests.kit.engine import LocalEngine
from tests.kit.fake_cluster import FakeCluster
from tests.kit.fake_group_offsets import FakeGroupOffsets
from tests.kit.fake_security import FakeSecurity
from tests.kit.patience import patience
from tests.unit.triage.rerouting import P0, POISON, Q0, poisoned

BILLING = QuotaEntity((("user", "billing"),))
LIMITS: Mapping[str, float | None] = {"producer_byte_rate": 1_000.0}


class End:
    """Where the first engine ends: it comes so far, and no further."""

    def __init__(self, where: str) -> None:
        self._where = where
        self.reached = asyncio.Event()
        self.looks_cut_off = 0  # how many later engines end while they look what became of it

    async def pass_by(self, where: str) -> None:
        """Stays here for ever if this is where it ends."""
        if where == self._where and not self.reached.is_set():
            self.reached.set()
            await asyncio.get_running_loop().create_future()

    def cut(self, where: str) -> None:
        """The same for a request, whose end is waited for: its connection is cut."""
        if where == self._where and not self.reached.is_set():
            self.reached.set()
            raise Unreachable("the connection is gone")


class EndingJournal(Journal):
    """The journal of an engine that has ended cannot be written by it any more."""

    def __init__(self, path: Path, end: End) -> None:
        super().__init__(path)
        self._end = end

    async def begin(self, intent: Intent, payloads: Sequence[Record], rules: JournalRules | None = None) -> int:
        await self._end.pass_by("begin")
        return await super().begin(intent, payloads, rules)

    async def end(self, entry_id: int, state: EntryState, outcome: Mapping[str, Any]) -> None:
        if not self._end.reached.is_set():
            await super().end(entry_id, state, outcome)


class EndingCluster(FakeCluster):
    def __init__(self, end: End) -> None:
        super().__init__()
        self._end = end
        self.security = EndingSecurity(end)
        self.group_offsets = EndingGroupOffsets(self, end)

    async def create_topic(
        self,
        name: str,
        partitions: int | None,
        replication_factor: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> UUID | None:
        await self._end.pass_by("topic")
        return await super().create_topic(name, partitions, replication_factor, settings)

    async def transact(
        self,
        transactional_id: str,
        copies: Sequence[Copy],
        moves: Sequence[GroupMove],
        check: Callable[[TransactionStage], Awaitable[None]],
        *,
        batch_bytes: int | None = None,
    ) -> tuple[RecordId, ...]:
        async def checked(stage: TransactionStage) -> None:
            await check(stage)
            await self._end.pass_by(stage.value)

        written = await super().transact(transactional_id, copies, moves, checked, batch_bytes=batch_bytes)
        await self._end.pass_by("committed")
        return written


class EndingSecurity(FakeSecurity):
    def __init__(self, end: End) -> None:
        super().__init__()
        self._end = end

    async def set_quota(self, entity: QuotaEntity, limits: Mapping[str, float | None]) -> None:
        await self._end.pass_by("write")
        await super().set_quota(entity, limits)
        await self._end.pass_by("written")

    async def set_scram(self, credential: NewScramCredential) -> None:
        await self._end.pass_by("write")
        await super().set_scram(credential)


class EndingGroupOffsets(FakeGroupOffsets):
    def __init__(self, cluster: FakeCluster, end: End) -> None:
        super().__init__(cluster)
        self._end = end

    async def commit(self, group: str, offsets: Mapping[TopicPartition, CommittedOffset]) -> Refused:
        self._end.cut("write")
        refused = await super().commit(group, offsets)
        self._end.cut("written")
        return refused


class EndingService(SessionService):
    """Does all of it, and ends before it could tell."""

    def __init__(self, session: Session, end: End) -> None:
        super().__init__(ConnectionService())
        self.watch(session)
        self._end = end

    def find_outcome(self, *arguments: Any) -> AsyncGenerator[Any, None]:
        self._end.looks_cut_off -= 1
        if self._end.looks_cut_off >= 0:
            raise engine_lost()
        return super().find_outcome(*arguments)

    def carry_out(self, *arguments: Any) -> AsyncGenerator[Any, None]:
        return self._untold(super().carry_out(*arguments))

    async def _untold(self, steps: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
        try:
            async with aclosing(steps):
                async for step in steps:
                    if isinstance(step, ChangeEnd):
                        await self._end.pass_by("answer")
                    yield step
        except ClusterError:
            await self._end.pass_by("answer")
            raise


class Play:
    """A window's engine that ends at a place, and another one after it, on the same cluster and journal."""

    def __init__(self, folder: Path, where: str) -> None:
        self._path = folder / "journal.sqlite3"
        self._engines: list[LocalEngine] = []
        self.journals: list[Journal] = []
        self.end = End(where)
        self.cluster = EndingCluster(self.end)
        self.client = EngineClient(self._start)

    async def until_it_ends(self) -> None:
        async with asyncio.timeout(patience(10)):
            await self.end.reached.wait()
        self._engines[0].kill()

    async def state(self) -> EntryState:
        """What the journal says of the one write."""
        (entry,) = await self.journals[-1].entries()
        return entry.state

    def _start(self) -> LocalEngine:
        self.journals.append(EndingJournal(self._path, self.end) if not self.journals else Journal(self._path))
        session = Session(ConnectionProfile("test", "localhost:1"), self.cluster, TopicDecoders(), self.journals[-1])
        self._engines.append(LocalEngine(EndingService(session, self.end)))
        return self._engines[-1]


@pytest.fixture
async def play(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Play]:
    monkeypatch.setattr(client_module, "_PAUSES_S", (0.001,))
    monkeypatch.setattr(rerouting, "_LOOKS_AFTER_FENCING", 3)
    monkeypatch.setattr(rerouting, "_PAUSE", 0.01)
    monkeypatch.setattr(following, "HOLD_SECONDS", 0.05)
    monkeypatch.setattr(following, "_POLL_SECONDS", 0.01)
    monkeypatch.setattr(settling, "PAUSE_S", 0.01)
    monkeypatch.setattr(settling, "_ARRIVES_S", 0.05)
    play = Play(tmp_path, request.param)
    play.client.begin()
    yield play
    await play.client.close()
    for journal in play.journals:
        await journal.close()


async def rerouted(play: Play) -> RerouteOutcome:
    """What the window is told of a re-route in which the engine ends."""
    poisoned(play.cluster)
    play.cluster.commit("billing", P0, POISON.offset)
    plan = await play.client.engine.plan_reroute(RerouteRequest((POISON,)))
    outcome = (await changed(play, plan)).outcome
    assert isinstance(outcome, RerouteOutcome)
    return outcome


async def changed(play: Play, plan: Plan[ChangeOutcome] | None = None) -> ChangeEnd:
    """What the window is told of a change in which the engine ends."""
    plan = plan or await play.client.engine.plan_set_quota(BILLING, LIMITS)
    messages: list[WriteStep | ChangeEnd] = []

    async def carry_out() -> None:
        async with aclosing(play.client.carry_out(plan)) as steps:
            messages.extend([step async for step in steps])

    work = asyncio.ensure_future(carry_out())
    await play.until_it_ends()
    async with asyncio.timeout(patience(20)):
        await work
    assert WriteStep(WriteStepName.LOOK_UP, StepState.RUNNING, LOOKING_UP) in messages
    assert isinstance(messages[-1], ChangeEnd)
    return messages[-1]


@pytest.mark.parametrize("play", ["begin"], indirect=True)
async def test_a_reroute_that_was_cut_off_before_it_was_journalled_says_so(play: Play) -> None:
    with pytest.raises(RefusedHere, match="before it began") as refused:
        await rerouted(play)
    assert refused.value.hint.startswith("Nothing was written.")
    assert await play.journals[-1].entries() == ()
    assert play.cluster.grouped["billing"].committed[P0].offset == POISON.offset


@pytest.mark.parametrize("play", ["topic", TransactionStage.BEGUN.value, TransactionStage.READY.value], indirect=True)
async def test_a_reroute_that_was_cut_off_before_its_commit_wrote_nothing(play: Play) -> None:
    outcome = await rerouted(play)
    assert outcome.transaction is TransactionState.ABORTED
    made = "orders-dlq" in play.cluster.logged
    assert ("nothing was written" in outcome.message) is not made
    assert (outcome.empty_queue is not None) is made
    assert await play.state() is EntryState.ABORTED
    assert play.cluster.grouped["billing"].committed[P0].offset == POISON.offset


@pytest.mark.parametrize("play", ["committed", "answer"], indirect=True)
async def test_a_reroute_cut_off_after_its_commit_counts_and_its_groups_are_watched(play: Play) -> None:
    outcome = await rerouted(play)
    assert outcome.transaction is TransactionState.COMMITTED
    assert [done.source for done in outcome.done] == [POISON]
    assert [done.target.topic_partition for done in outcome.done] == [Q0]
    assert [group.group for group in outcome.groups] == ["billing"]
    assert await play.state() is EntryState.COMMITTED
    assert play.cluster.grouped["billing"].committed[P0].offset == POISON.offset + 1


@pytest.mark.parametrize("play", ["begin"], indirect=True)
async def test_a_change_that_was_cut_off_before_it_was_journalled_says_so(play: Play) -> None:
    with pytest.raises(RefusedHere, match="before it began") as refused:
        await changed(play)
    assert refused.value.hint.startswith("Nothing was written.")
    assert play.cluster.security.limits == {}


@pytest.mark.parametrize("play", ["write"], indirect=True)
async def test_a_change_that_was_cut_off_before_it_was_sent_is_seen_not_to_stand(play: Play) -> None:
    with pytest.raises(RefusedHere, match="before it was written"):
        await changed(play)
    assert await play.state() is EntryState.ABORTED


def silent_broker(cluster: FakeCluster) -> None:
    cluster.unlisted = {3: Unreachable("broker 3 does not answer")}


def frozen_broker(cluster: FakeCluster) -> None:
    cluster.brokers.descriptions = (BrokerDescription(3, "broker-3", 9092, None, fenced=True),)


def silent_controller(cluster: FakeCluster) -> None:
    cluster.failures["draft_topic"] = Unreachable("the controller does not answer")


@pytest.mark.parametrize("play", ["write"], indirect=True)
@pytest.mark.parametrize("away", [silent_broker, frozen_broker, silent_controller])
async def test_what_a_silent_broker_may_carry_out_yet_is_not_said_to_be_undone(
    play: Play, away: Callable[[FakeCluster], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "SILENT_S", 0.2)
    plan = await play.client.engine.plan_set_quota(BILLING, LIMITS)
    away(play.cluster)
    with pytest.raises(OutcomeUnknown, match="whether it stands is not known"):
        await changed(play, plan)
    assert await play.state() is EntryState.UNKNOWN


@pytest.mark.parametrize("play", ["write"], indirect=True)
async def test_a_broker_that_has_ended_holds_nothing_any_more(play: Play) -> None:
    plan = await play.client.engine.plan_set_quota(BILLING, LIMITS)
    frozen_broker(play.cluster)
    play.cluster.brokers.ended = {3}
    with pytest.raises(RefusedHere, match="before it was written"):
        await changed(play, plan)


@pytest.mark.parametrize("play", ["topic"], indirect=True)
async def test_a_queue_that_a_silent_broker_may_make_yet_is_not_said_to_be_missing(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "SILENT_S", 0.2)
    frozen_broker(play.cluster)
    with pytest.raises(QueueUnsure, match="orders-dlq may have been made") as unsure:
        await rerouted(play)
    assert "brokers may make it yet" in unsure.value.hint
    assert await play.state() is EntryState.UNKNOWN


@pytest.mark.parametrize("play", ["written"], indirect=True)
async def test_a_change_that_was_cut_off_when_it_was_made_is_seen_to_stand(play: Play) -> None:
    end = await changed(play)
    assert (end.outcome.journal_id, end.outcome.effective) == (1, True)
    assert await play.state() is EntryState.COMMITTED


@pytest.mark.parametrize("play", ["topic"], indirect=True)
async def test_a_topic_that_was_not_yet_created_is_seen_not_to_be_there(play: Play) -> None:
    with pytest.raises(RefusedHere, match="before it was written"):
        await changed(play, await play.client.engine.plan_create_topic(NewTopic("returns", 3)))
    assert await play.state() is EntryState.ABORTED


@pytest.mark.parametrize("play", ["write"], indirect=True)
async def test_a_change_of_which_nothing_shows_whether_it_stands_is_not_known(play: Play) -> None:
    again = NewScramCredential("carol", ScramMechanism.SCRAM_SHA_512, 4096, "a word")
    await FakeSecurity.set_scram(play.cluster.security, again)
    with pytest.raises(OutcomeUnknown, match="Journal entry 1"):
        await changed(play, await play.client.engine.plan_set_scram(again))
    assert await play.state() is EntryState.UNKNOWN


@pytest.mark.parametrize("play", ["answer"], indirect=True)
async def test_a_finished_change_is_reported_though_its_answer_was_cut_off(play: Play) -> None:
    end = await changed(play)
    assert (end.outcome.journal_id, end.outcome.doubt) == (1, "")
    assert await play.state() is EntryState.COMMITTED
    assert play.cluster.security.limits == {BILLING: LIMITS}


@pytest.mark.parametrize("play", ["answer"], indirect=True)
async def test_a_refused_change_is_reported_in_the_brokers_words_though_its_answer_was_cut_off(play: Play) -> None:
    play.cluster.security.failures["set_quota"] = NotAuthorized("the broker does not set quotas for you")
    with pytest.raises(RefusedHere, match="does not set quotas for you"):
        await changed(play)
    assert await play.state() is EntryState.ABORTED


async def offsets_planned(play: Play) -> ChangePlan:
    """A change of committed offsets, as the window has it."""
    poisoned(play.cluster)
    play.cluster.commit("billing", P0, POISON.offset)
    return await play.client.engine.plan_offsets(OffsetsRequest("billing", parse_target("latest", "billing")))


@pytest.mark.parametrize("play", ["write"], indirect=True)
async def test_offsets_that_were_cut_off_before_they_were_sent_are_seen_to_stand_as_before(play: Play) -> None:
    with pytest.raises(RefusedHere, match="before it was written"):
        await changed(play, await offsets_planned(play))
    assert await play.state() is EntryState.ABORTED
    assert play.cluster.grouped["billing"].committed[P0].offset == POISON.offset


@pytest.mark.parametrize("play", ["written"], indirect=True)
async def test_offsets_that_were_cut_off_when_they_were_committed_are_seen_to_stand(play: Play) -> None:
    plan = await offsets_planned(play)
    end = await changed(play, plan)
    assert end.outcome.effective is True
    assert "no member reads now" in end.outcome.groups[0].detail
    assert await play.state() is EntryState.COMMITTED
    assert play.cluster.grouped["billing"].committed[P0].offset == play.cluster.log(P0).end


@pytest.mark.parametrize("play", ["written"], indirect=True)
async def test_a_coordinator_that_is_silent_for_a_while_is_asked_again_what_stands(play: Play) -> None:
    plan = await offsets_planned(play)
    asked: list[object] = []

    async def silent(*arguments: Any, **options: Any) -> Any:
        asked.append(arguments)
        if len(asked) < 5:
            raise Unreachable("broker 1 does not answer")
        return await read_group(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settling, "read_group", silent)
        end = await changed(play, plan)
    assert end.outcome.effective is True
    assert await play.state() is EntryState.COMMITTED


@pytest.mark.parametrize(("play", "looks_cut_off"), [("written", 3), ("written", 100)], indirect=["play"])
async def test_a_write_of_which_engines_end_while_they_look_is_not_called_unwritten(
    play: Play, looks_cut_off: int
) -> None:
    plan = await offsets_planned(play)
    play.end.looks_cut_off = looks_cut_off
    if looks_cut_off > 10:
        with pytest.raises(OutcomeUnknown, match="again and again") as unknown:
            await changed(play, plan)
        assert "The journal has the plan" in unknown.value.hint
    else:
        assert (await changed(play, plan)).outcome.journal_id == 1
        assert await play.state() is EntryState.COMMITTED
