"""A verdict with half a row does not pass."""

from __future__ import annotations

import pytest

from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.verdict import Behaviour, IncidentSection, Stuck, Verdict, VerdictRemedy


def stuck(verdict: Verdict, last_stable_offset: int | None = 9_310) -> Stuck:
    place = TopicPartition("orders", 3)
    reason = "byte 50 of the value is not UTF-8. Another sentence"
    return Stuck("{billing}", place, 5, 9, last_stable_offset, verdict, Behaviour.RETRIES, reason, 0, ())


def test_a_poison_record_is_the_gravest_and_a_topic_that_nobody_reads_the_least() -> None:
    assert (next(iter(Verdict)), list(Verdict)[-1]) == (Verdict.POISON, Verdict.NO_MEMBERS)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_row_is_whole(verdict: Verdict) -> None:
    row, one = verdict.row, stuck(verdict)
    assert row.label
    assert row.headline
    assert "{billing}" in row.say_sentence(one)
    assert row.tone in {"bad", "warn", "unknown", "idle"}
    offers_skip = row.remedy is VerdictRemedy.SKIP
    assert offers_skip == (verdict is Verdict.POISON) == (row.section is IncidentSection.POISON)
    assert (row.say_advice(one) == "", row.say_no_skip(one) == "") == (offers_skip, offers_skip)


def test_a_sentence_takes_the_first_sentence_of_the_reason() -> None:
    sentence = Verdict.POISON.row.say_sentence(stuck(Verdict.POISON))
    assert sentence == "{billing} cannot read this record: byte 50 of the value is not UTF-8"


@pytest.mark.parametrize(("offset", "words"), [(9_310, "last stable offset 9,310."), (None, "last stable offset.")])
def test_an_open_transaction_says_where_the_stable_log_ends(offset: int | None, words: str) -> None:
    row = Verdict.OPEN_TRANSACTION.row
    assert row.say_no_skip(stuck(Verdict.OPEN_TRANSACTION, offset)).endswith(words)
