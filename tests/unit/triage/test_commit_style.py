from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from kafkaview.cluster.errors import NotAuthorized
from kafkaview.cluster.ports.cluster import Omission
from kafkaview.terms import TopicPartition
from kafkaview.triage.commits import observation
from kafkaview.triage.commits.commit import Commit, CommitSource, CommitStyle, ObservedCommits, PartitionCommits
from kafkaview.triage.commits.style import judge_commits
from tests.kit.fake_cluster import FakeCluster

PLACE = TopicPartition("orders", 3)
SPAN_MS = 600_000


def judged(
    commits: Sequence[tuple[int, int]],
    *,
    source: CommitSource = CommitSource.LOG,
    transactional: bool | None = False,
    committed: bool = True,
) -> PartitionCommits:
    seen = [Commit(at_ms, offset, transactional) for at_ms, offset in commits]
    return judge_commits(PLACE, seen, source, SPAN_MS, committed=committed)


def timed(count: int, every_ms: int, step: int, jitter_ms: int = 0) -> list[tuple[int, int]]:
    dice = random.Random(7)
    return [(number * every_ms + dice.randint(0, jitter_ms), 100 + number * step) for number in range(count)]


def without_rhythm(count: int, steps: Sequence[int]) -> list[tuple[int, int]]:
    dice, at, offset, made = random.Random(5), 0, 100, []
    for _ in range(count):
        at, offset = at + dice.randint(20, 4_000), offset + dice.choice(steps)
        made.append((at, offset))
    return made


async def test_commits_on_topics_that_may_not_be_seen_are_said_where_they_are_polled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refused(*_: object) -> ObservedCommits:
        raise NotAuthorized("no right")

    monkeypatch.setattr(observation, "read_stored_commits", refused)
    cluster = FakeCluster()
    cluster.add_topic("orders", 4)
    cluster.commit("billing", PLACE, 7)
    assert (await observation.observe_commits(cluster, "billing", 0.1)).complete
    cluster.omitted = {Omission.TOPICS}
    found = await observation.observe_commits(cluster, "billing", 0.1)
    assert (found.complete, "You may not see all topics" in found.why_polled) == (False, True)


@pytest.mark.parametrize("every_ms", [1_000, 5_000, 60_000])
@pytest.mark.parametrize("step", [7, 500])
def test_a_timer_is_known_by_its_rhythm(every_ms: int, step: int) -> None:
    found = judged(timed(10, every_ms, step, jitter_ms=every_ms // 20))
    assert found.style is CommitStyle.AUTO
    assert abs((found.interval_ms or 0) - every_ms) <= every_ms // 10
    assert (found.commits, found.rewinds) == (10, 0)


def test_a_timer_that_passes_over_what_has_not_moved_keeps_its_beat() -> None:
    beats = [0, 1, 2, 4, 5, 8, 9, 10, 13, 14, 15, 16]
    found = judged([(5_000 * beat + beat % 3 * 40, 100 + 9 * beat) for beat in beats])
    assert found.style is CommitStyle.AUTO


def test_a_commit_that_a_busy_machine_put_off_hides_no_timer() -> None:
    on_time = timed(8, 2_000, 9)
    on_time[-1] = (on_time[-1][0] + 400, on_time[-1][1])
    assert judged(on_time).style is CommitStyle.AUTO
    on_time[0] = (on_time[0][0] - 400, on_time[0][1])
    assert judged(on_time).style is CommitStyle.PER_BATCH


def test_an_idle_timer_commits_the_same_offset_again() -> None:
    found = judged(timed(12, 5_000, 0))
    assert found.style is CommitStyle.AUTO
    assert found.evidence == ("12 commits in 10 min, one each 5 s", "11 of them of the offset of before")


def test_a_record_each_timer_fits_two_styles() -> None:
    found = judged(timed(12, 5_000, 1))
    assert found.style is CommitStyle.UNKNOWN
    assert "so does a timer" in found.evidence[0]


def test_a_commit_behind_each_record_has_steps_of_one() -> None:
    assert judged(without_rhythm(30, [1])).style is CommitStyle.PER_RECORD
    assert judged(timed(30, 40, 1)).style is CommitStyle.PER_RECORD  # no timer is so quick


def test_a_commit_behind_several_records_has_larger_steps_and_no_rhythm() -> None:
    found = judged(without_rhythm(30, [3, 80, 500]))
    assert found.style is CommitStyle.PER_BATCH
    assert found.evidence[1] == "3 to 500 records from one to the next"


def test_commits_in_transactions_say_so() -> None:
    assert judged(timed(1, 5_000, 1), transactional=True).style is CommitStyle.TRANSACTIONAL
    assert judged(timed(9, 5_000, 7), transactional=None).style is CommitStyle.AUTO


def test_few_commits_tell_nothing_and_none_of_a_group_without_an_offset_are_none() -> None:
    assert judged(timed(3, 5_000, 7)).style is CommitStyle.UNKNOWN
    assert judged([]).style is CommitStyle.UNKNOWN
    assert judged([]).interval_ms is None
    assert judged([], committed=False).style is CommitStyle.NONE


def test_polling_does_not_tell_batches_from_what_it_did_not_see() -> None:
    assert judged(without_rhythm(30, [3, 80]), source=CommitSource.POLLING).style is CommitStyle.UNKNOWN
    assert judged(timed(10, 5_000, 7, 400), source=CommitSource.POLLING).style is CommitStyle.AUTO


def test_steps_back_are_counted() -> None:
    found = judged([(0, 10), (90, 12), (700, 5), (3_900, 9), (4_000, 4), (9_000, 30)])
    assert found.rewinds == 2
    assert found.evidence[-1] == "2 commits went back to an earlier offset"
