"""A verdict without its row, or with half of one, does not pass."""

from __future__ import annotations

import pytest

from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.verdict import Behaviour, Stuck, Verdict
from kafkaview.triage.watch.verdict_table import VERDICT_TABLE, WORST_FIRST, IncidentSection, VerdictRemedy


def stuck(verdict: Verdict, last_stable_offset: int | None = 9_310) -> Stuck:
    place = TopicPartition("orders", 3)
    reason = "byte 50 of the value is not UTF-8. Another sentence"
    return Stuck("{billing}", place, 5, 9, last_stable_offset, verdict, Behaviour.RETRIES, reason, 0, ())


def test_every_verdict_has_a_row() -> None:
    assert set(VERDICT_TABLE) == set(Verdict)


def test_a_poison_record_is_the_gravest_and_a_topic_that_nobody_reads_the_least() -> None:
    assert (WORST_FIRST[0], WORST_FIRST[-1]) == (Verdict.POISON, Verdict.NO_MEMBERS)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_row_is_whole(verdict: Verdict) -> None:
    row, one = VERDICT_TABLE[verdict], stuck(verdict)
    assert row.verdict is verdict
    assert row.label
    assert row.headline
    assert "{billing}" in row.say_sentence(one)
    assert row.tone in {"bad", "warn", "unknown", "idle"}
    offers_skip = row.remedy is VerdictRemedy.SKIP
    assert offers_skip == (verdict is Verdict.POISON) == (row.section is IncidentSection.POISON)
    assert (row.say_advice(one) == "", row.say_no_skip(one) == "") == (offers_skip, offers_skip)


def test_a_sentence_takes_the_first_sentence_of_the_reason() -> None:
    sentence = VERDICT_TABLE[Verdict.POISON].say_sentence(stuck(Verdict.POISON))
    assert sentence == "{billing} cannot read this record: byte 50 of the value is not UTF-8"


@pytest.mark.parametrize(("offset", "words"), [(9_310, "last stable offset 9,310."), (None, "last stable offset.")])
def test_an_open_transaction_says_where_the_stable_log_ends(offset: int | None, words: str) -> None:
    row = VERDICT_TABLE[Verdict.OPEN_TRANSACTION]
    assert row.say_no_skip(stuck(Verdict.OPEN_TRANSACTION, offset)).endswith(words)
