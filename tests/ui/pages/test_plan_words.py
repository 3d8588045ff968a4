"""What the plan dialog says before and after a re-route."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from kafkaview.cluster.errors import ClusterError, NotAuthorized, OutcomeUnknown, PlanNoLongerHolds
from kafkaview.journal.entry import EntryState
from kafkaview.terms import CommittedOffset, GroupType, Header, RecordId, TopicPartition
from kafkaview.triage.reroute.group_positions import REACH
from kafkaview.triage.reroute.outcome import BulkOutcome, Done, RerouteOutcome, TransactionState, message_of
from kafkaview.triage.reroute.plan import CopyPlan, GroupPlan, ReroutePlan
from kafkaview.ui.kit.record_strip.cells import CellKind
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.writes import change_words
from kafkaview.ui.writes.cautions import Cautions
from kafkaview.ui.writes.record_strips import plan_strips
from kafkaview.ui.writes.reroute_words import (
    between_option,
    copy_line,
    find_held_back,
    members,
    result_of,
    result_of_error,
    stays,
)
from kafkaview.writes.outcome import GroupOutcome
from tests.ui.pages.samples import POISON

PLACE = TopicPartition("orders", 3)


def group(name: str = "billing", after: int | None = 18_443, **changes: object) -> GroupPlan:
    plan = GroupPlan(name, GroupType.CLASSIC, PLACE, CommittedOffset(18_442), after, 1, 59_649)
    return replace(plan, **changes)  # type: ignore[arg-type]


def plan(*moves: GroupPlan, copies: tuple[CopyPlan, ...] | None = None) -> ReroutePlan:
    added = tuple(Header(f"__dlq.errors.{n}", b"") for n in range(9))
    return ReroutePlan(
        dlq="orders-dlq",
        dlq_exists=False,
        create_dlq=True,
        dlq_partitions=6,
        dlq_replication_factor=3,
        copies=copies or (CopyPlan(POISON, added),),
        moves=moves,
        left_alone=(),
        evict=True,
        skip_between=False,
        dialect="kafka",
        cautions=(),
    )


def outcome(*groups: GroupOutcome, state: TransactionState = TransactionState.COMMITTED) -> RerouteOutcome:
    done = (Done(POISON.id, RecordId("orders-dlq", 3, 112), 41),)
    return RerouteOutcome(41, "", groups=groups, transaction=state, done=done)


def group_outcome(name: str, *, effective: bool | None, now: int = 18_443) -> GroupOutcome:
    advice = () if effective else ("Stop the application billing, so that nobody rewinds",)
    detail = "" if effective else "Its member committed 18,442 again 4 times in 30 s."
    return GroupOutcome(name, PLACE, 18_442, 18_443, now, 41_206, (), effective, detail, advice)


def test_the_copy_line_counts_what_is_kept_and_what_is_added() -> None:
    assert copy_line(plan()) == "key, value, 3 headers and timestamp byte for byte, 9 headers added"


def test_a_copy_that_is_there_already_is_not_announced_as_new() -> None:
    there = CopyPlan(POISON, (), already=RecordId("orders-dlq", 3, 112))
    assert copy_line(plan(copies=(there,))) == "there already, at orders-dlq:3 @ 112: no second copy is written"


def test_of_several_records_only_new_copies_are_counted() -> None:
    there = CopyPlan(POISON, (), already=RecordId("orders-dlq", 3, 112))
    both = plan(copies=(there, CopyPlan(replace(POISON, offset=18_500), ())))
    assert both.title == "Copy 1 of 2 records to orders-dlq"
    assert copy_line(both) == "2 records byte for byte; 1 of them there already, with no second copy"
    assert result_of(outcome(), both).title == "1 record copied to orders-dlq, 1 was there already"


def test_members_say_whether_they_are_evicted() -> None:
    assert members(group(), evict=True) == "1 live, evict"
    assert members(group(), evict=False) == "1 live, not evicted"
    assert members(group(members=None), evict=True) == "unknown"
    assert members(group(after=None, note="already past it, left alone"), evict=True) == "already past it, left alone"


def test_good_records_between_are_offered_once_for_all_groups() -> None:
    between = tuple(replace(POISON, offset=offset) for offset in (18_440, 18_441))
    option = between_option(plan(group("invoices", records_between=between), group("audit", records_between=between)))
    assert option == "Also send the 2 good records that lie before it, and move audit and invoices past them"
    assert between_option(plan(group())) is None


def test_an_effective_reroute_names_the_groups_that_move() -> None:
    groups = [group_outcome(name, effective=True, now=18_500) for name in ("billing", "shipping", "audit")]
    result = result_of(outcome(*groups), plan())
    assert (result.tone, result.title) == ("ok", "billing moves again, shipping and audit too")
    assert message_of(groups) == "billing, shipping and audit move again"
    assert result.text == "Past 18,442 on orders:3. The copy is orders-dlq:3 @ 112."


def test_a_group_that_was_not_seen_to_read_on_does_not_move_again() -> None:
    groups = [group_outcome(name, effective=True) for name in ("billing", "shipping")]
    result = result_of(outcome(*groups), plan())
    assert (result.title, result.moves) == ("billing is past the record, shipping too", False)
    assert message_of(groups) == "billing and shipping are past the record"
    audit = group_outcome("audit", effective=True, now=18_444)
    assert result_of(outcome(*groups, audit), plan()).title == "audit moves again"
    assert message_of([*groups, audit]) == "audit moves again; billing and shipping are past the record"


def test_very_many_groups_are_counted_behind_the_first() -> None:
    groups = [group_outcome(f"g{number}", effective=None) for number in range(100)]
    assert message_of(groups) == "The copy is safe; whether g0, g1, g2, g3, g4 and 95 more move was not seen"


@pytest.mark.parametrize("effective", [None, False])
def test_what_to_do_about_very_many_groups_is_bounded(effective: bool | None) -> None:  # noqa: FBT001  # three states
    some = [group_outcome(f"g{number}", effective=effective) for number in range(103)]
    groups = [replace(one, advice=(f"Look at {one.group} again",), detail=f"{one.group} is back") for one in some]
    result = result_of(outcome(*groups), plan())
    assert result.advice == ("Look at g0 again", "Look at g1 again", "Look at g2 again", "and 100 more")
    assert len(result.text) < 100


def test_many_groups_that_stay_are_not_all_listed(theme: Theme, qtbot: QtBot) -> None:
    cautions = Cautions(theme)
    qtbot.addWidget(cautions)
    cautions.show_plan(plan(), [(f"g{number} stays.", "why") for number in range(103)])
    texts = [label.text() for label in cautions.findChildren(QLabel) if label.text()]
    assert len(texts) == 10  # the heading, eight groups, and how many more
    assert "and 95 more" in texts[-1]


def test_a_committed_copy_without_effect_says_what_to_do() -> None:
    result = result_of(
        outcome(group_outcome("billing", effective=False), group_outcome("audit", effective=True)), plan()
    )
    assert (result.tone, result.title) == ("warn", "The copy is safe, billing did not move")
    assert result.advice == ("Stop the application billing, so that nobody rewinds",)


def test_a_group_that_was_not_seen_is_not_said_to_move() -> None:
    result = result_of(
        outcome(group_outcome("billing", effective=None), group_outcome("audit", effective=True)), plan()
    )
    assert (result.tone, result.title) == ("unknown", "The copy is safe, whether billing moves was not seen")


def test_a_doubt_about_a_committed_copy_is_said_first() -> None:
    done = replace(outcome(group_outcome("billing", effective=True)), doubt="it reads otherwise", message="but ...")
    result = result_of(done, plan())
    assert (result.tone, result.text) == ("warn", "but ...")


def test_copies_that_could_not_be_read_back_are_unknown_and_not_wrong() -> None:
    unread = "the copies could not be read back: broker 2 does not answer"
    done = outcome(group_outcome("billing", effective=True)).with_doubt(unread)
    result = result_of(done, plan())
    assert (result.tone, result.title) == ("unknown", "Committed, but the copies could not be read back")
    assert unread in result.text
    stays = outcome(group_outcome("billing", effective=False)).with_doubt(unread)
    assert result_of(stays, plan()).title == "The copy is safe, billing did not move"


def test_an_aborted_transaction_wrote_nothing() -> None:
    assert result_of(outcome(state=TransactionState.ABORTED), plan()).title == "Nothing was written"


def test_a_queue_that_stands_empty_is_not_called_nothing() -> None:
    title, left = "No record was copied, but the queue was made", "orders-dlq"
    sent = result_of(replace(outcome(state=TransactionState.ABORTED), empty_queue=left), plan())
    assert (sent.title, sent.empty_queue) == (title, left)
    result = {"transaction": "none", "empty_queue": left, "done": []}
    hint = "Re-route them again. orders-dlq was made and stands empty: `kafkaview topics delete orders-dlq` removes it."
    bulk = BulkOutcome(7, "Send 9 records to orders-dlq", "kafkaview ended", hint=hint, result=result)
    assert bulk.state is EntryState.NONE
    told = change_words.result_of(bulk)
    assert (told.title, told.empty_queue) == (title, left)
    assert told.advice == ("Re-route them again. orders-dlq was made and stands empty.",), "the strip has a button"
    assert change_words.result_of(replace(bulk, result={**result, "empty_queue": None})).title == "Nothing was written"


def test_a_commit_without_answer_is_neither_done_nor_refused() -> None:
    assert result_of(outcome(state=TransactionState.UNKNOWN), plan()).tone == "unknown"


@pytest.mark.parametrize(
    ("error", "tone"),
    [
        (PlanNoLongerHolds("billing has moved to 18,460 meanwhile"), "warn"),
        (NotAuthorized("User:oncall lacks CREATE on Topic orders-dlq"), "bad"),
        (OutcomeUnknown("no answer to the commit"), "unknown"),
    ],
)
def test_an_error_keeps_the_brokers_words(error: ClusterError, tone: str) -> None:
    result = result_of_error(error)
    assert result.tone == tone
    assert error.message in result.text


def test_a_group_behind_good_records_is_said_to_stay() -> None:
    between = tuple(replace(POISON, offset=offset) for offset in range(18_405, 18_442))
    held = group("invoices", None, before=CommittedOffset(18_405), records_between=between)
    shown = replace(plan(), left_alone=(held,))
    assert [stays(one)[0] for one in find_held_back(shown)] == ["invoices stays at 18,405."]
    (strip,) = plan_strips(shown)
    assert [pointer.label for pointer in strip.pointers] == ["invoices at 18,405"]
    assert sum(cell.count for cell in strip.cells if cell.kind in (CellKind.GOOD, CellKind.GAP)) == 37


def test_a_plan_does_not_offer_to_pass_over_more_than_it_reads() -> None:
    between = tuple(replace(POISON, offset=offset) for offset in range(REACH))
    assert between_option(replace(plan(), left_alone=(group("reports", None, records_between=between),))) is None
