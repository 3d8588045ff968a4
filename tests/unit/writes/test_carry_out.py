"""What the journal keeps of an administrative write that is interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kafkaview.cluster.errors import OutcomeUnknown, Unreachable
from kafkaview.cluster.kafka.client_thread import to_its_end
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.entry import EntryState
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.ui.writes.change_words import result_of
from kafkaview.writes import execution
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.execution import in_time
from kafkaview.writes.plan import ChangePlan
from tests.kit.fake_cluster import FakeCluster


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield Session(ConnectionProfile("p", "b:1"), FakeCluster(), TopicDecoders(), journal)
    await journal.close()


async def nothing(_cluster: Cluster) -> None:
    """Done at once."""


def plan(
    *, write: Callable[[Cluster], Awaitable[None]] = nothing, verify: Callable[[Cluster], Awaitable[str]]
) -> ChangePlan:
    return ChangePlan("acls.create", "Create 1 ACL", "Create", "acl", (), ("acls",), {}, write, nothing, verify)


async def cancelled(session: Session, plan: ChangePlan, at: asyncio.Event) -> tuple[EntryState, str]:
    """The journal's state and message once it was cancelled there."""
    work = asyncio.ensure_future(carry_out(session, plan))
    await at.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    (entry,) = await session.journal.entries()
    return entry.state, str(entry.outcome)


async def test_a_write_that_is_done_stands_in_the_journal_though_nobody_waits_for_it_to_read_back(
    session: Session,
) -> None:
    reading = asyncio.Event()

    async def verify(_cluster: Cluster) -> str:
        reading.set()
        return "not seen yet"

    state, outcome = await cancelled(session, plan(verify=verify), reading)
    assert state is EntryState.COMMITTED
    assert "read back" in outcome


async def test_what_is_done_when_the_time_is_over_is_no_interruption(session: Session) -> None:
    session.limit.set(0)
    async with in_time(session):
        await to_its_end(asyncio.sleep(0.05))
    await asyncio.sleep(0)


async def test_a_write_that_breaks_is_unknown_and_one_that_breaks_before_it_is_aborted(session: Session) -> None:
    async def breaking(_cluster: Cluster) -> None:
        raise ZeroDivisionError

    async def verify(_cluster: Cluster) -> str:
        return ""

    for made in (plan(write=breaking, verify=verify), replace(plan(verify=verify), check=breaking)):
        with pytest.raises(ZeroDivisionError):
            await carry_out(session, made)
    states = [entry.state for entry in await session.journal.entries()]
    assert states == [EntryState.ABORTED, EntryState.UNKNOWN]


async def test_a_write_that_is_broken_off_may_have_been_done(session: Session) -> None:
    writing = asyncio.Event()

    async def write(_cluster: Cluster) -> None:
        writing.set()
        await asyncio.Event().wait()

    async def verify(_cluster: Cluster) -> str:
        return ""

    state, _outcome = await cancelled(session, plan(write=write, verify=verify), writing)
    assert state is EntryState.UNKNOWN


async def unanswered(_cluster: Cluster) -> str:
    await asyncio.Event().wait()
    raise AssertionError


async def unanswered_write(cluster: Cluster) -> None:
    await unanswered(cluster)


async def test_a_write_that_nobody_answers_within_the_limit_may_have_been_done(session: Session) -> None:
    session.limit.set(0.1)
    with pytest.raises(OutcomeUnknown, match="in time: whether it was done is not known"):
        await carry_out(session, plan(write=unanswered_write, verify=unanswered))
    (entry,) = await session.journal.entries()
    assert entry.state is EntryState.UNKNOWN


async def test_a_write_that_cannot_be_read_back_within_the_limit_is_done_with_a_doubt(session: Session) -> None:
    session.limit.set(0.3)
    outcome = await carry_out(session, plan(verify=unanswered))
    assert "it could not be read back" in outcome.doubt
    assert (outcome.effective, outcome.succeeded) == (None, False)
    assert outcome.document()["effective"] is None
    (entry,) = await session.journal.entries()
    assert entry.state is EntryState.COMMITTED


async def test_what_nobody_reads_back_is_unknown_and_what_reads_otherwise_is_not(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "_LOOK_FOR_S", 0.0)

    async def silent(_cluster: Cluster) -> str:
        raise Unreachable("broker 2 does not answer")

    async def otherwise(_cluster: Cluster) -> str:
        return "it is still there"

    unread = await carry_out(session, plan(verify=silent))
    assert (unread.doubt, unread.effective) == ("it could not be read back: broker 2 does not answer", None)
    other = await carry_out(session, plan(verify=otherwise))
    assert (other.doubt, other.effective) == ("it is still there", False)
    assert [result_of(one).title for one in (unread, other)] == [
        "Written, but it could not be read back",
        "Written, but it does not read back as planned",
    ]
    assert [result_of(one).tone for one in (unread, other)] == ["unknown", "warn"]
    assert unread.with_doubt("the journal is full").effective is None
    assert other.with_doubt("the journal is full").effective is False
