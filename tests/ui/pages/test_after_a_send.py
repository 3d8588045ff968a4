"""After a write: the choice stays, and the strip turns when the group stands again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Signal

from kafkaview.clock import now_ms
from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.consequences import with_consequences
from kafkaview.triage.watch.unseen import UnseenGroups
from kafkaview.triage.watch.verdict import Behaviour, Verdict
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.page import Place
from kafkaview.ui.pages.triage.incidents import incidents
from kafkaview.ui.pages.triage.words import facts, fate
from kafkaview.ui.writes.write_result import MovedGroup, Result
from tests.kit.windowed import click
from tests.ui.pages.conftest import Stage
from tests.ui.pages.samples import NOW, group_view, stuck, topic, view
from tests.ui.pages.world import PLACE


async def test_the_choice_stays_after_a_send_and_says_that_the_group_moves(stage: Stage) -> None:
    await stage.choose("billing")
    dialog = await stage.plan()
    click(dialog.ask.confirm)
    await stage.until(lambda: not stage.window.tasks.is_running("reroute"))
    dialog.lift()
    pane = stage.triage.pane
    await stage.until(lambda: pane.fate is not None and pane.fate.word == "Moves again")
    assert pane.incident is not None
    assert pane.incident.group == "billing"
    assert pane.head.sentence.text() == "billing moves again"
    assert pane.head.chip.accessibleName() == "Moves again"
    assert not any(button.isVisible() for button in pane.head._offers)
    assert stage.triage.list.selectionModel().selectedRows() == []
    stage.triage.list.choose(stage.triage._rows[0].key)
    await stage.until(lambda: pane.fate is None)


async def test_a_record_beside_the_poison_does_not_stand_under_its_name(stage: Stage) -> None:
    await stage.choose("billing")
    pane, poison = stage.triage.pane, stage.world.poison.offset
    pane.strip.chosen.emit(poison + 2)
    await stage.until(pane.elsewhere.isVisible)
    assert pane.elsewhere.text() == f"Record {poison + 2}, not the poison"
    click(pane.back)
    assert pane.offset == poison
    assert not pane.elsewhere.isVisible()


async def test_pages_are_told_of_a_write_that_has_ended(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(stage.window.pages["deadletters"], "note_write", lambda: told.append("deadletters"))
    run = _Run()
    stage.window._follow(run)  # type: ignore[arg-type]
    run.end(Result("ok", "billing moves again"))
    assert told == ["deadletters"]


async def test_the_strip_turns_where_the_group_stands_again_and_leads_there(stage: Stage) -> None:
    await stage.choose("billing")
    run = _Run()
    stage.window._follow(run)  # type: ignore[arg-type]
    moved = MovedGroup("billing", TopicPartition("orders", 3), NOW)
    run.end(Result("ok", "billing moves again", moved=moved, moves=True))
    stage.window.tasks.cancel("watch")
    strip = stage.outcome
    groups = (group_view("billing", {"orders:3": 18_450}),)
    strip.look(view(groups))
    assert strip.words.title.text() == "billing moves again"
    again = replace(stuck("billing", since_ms=NOW + 5_000))
    strip.look(view(groups, (again,)))
    assert strip.words.title.text() == "billing stands again at 18,442: another record"
    click(strip.stands)
    assert stage.triage.isVisible()
    strip.look(view(groups, (stuck("billing", since_ms=NOW - 1),)))  # where it stood before
    assert strip.words.title.text() == "billing moves again"
    assert not strip.stands.isVisible()
    strip.look(replace(view(groups), stale=True))
    assert strip.words.title.text() == "When last seen: billing moves again"
    strip.look(view(groups))
    assert strip.words.title.text() == "billing moves again"
    strip.look(view())  # the group is gone
    assert strip.words.title.text() == "When last seen: billing moves again"


async def test_a_dialog_that_stays_open_turns_with_the_strip(stage: Stage) -> None:
    await stage.choose("billing")
    sheet = await stage.plan()
    sheet.ask.confirm.click()
    await stage.until(sheet.outcome.isVisible)
    stage.window.tasks.cancel("watch")
    assert sheet.outcome.title.text().startswith("billing moves again")
    groups = (group_view("billing", {"orders:3": 18_450}),)
    stage.outcome.look(view(groups, (stuck("billing", place=str(PLACE), since_ms=now_ms() + 5_000),)))
    assert sheet.outcome.title.text() == "billing stands again at 18,442: another record"
    assert sheet.box.accessibleName() == sheet.outcome.title.text()


async def test_the_strip_turns_also_where_another_group_of_the_same_write_stands_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.choose("billing")
    run = _Run()
    stage.window._follow(run)  # type: ignore[arg-type]
    moved, *too = (MovedGroup(name, TopicPartition("orders", 3), NOW) for name in ("billing", "audit", "shipping"))
    run.end(Result("ok", "billing moves again, audit and shipping too", moved=moved, moved_too=tuple(too), moves=True))
    stage.window.tasks.cancel("watch")
    strip = stage.outcome
    groups = tuple(group_view(name, {"orders:3": 18_450}) for name in ("audit", "billing", "shipping"))
    again = tuple(stuck(name, since_ms=NOW + 5_000) for name in ("audit", "shipping"))
    strip.look(view(groups, again[:1]))
    assert strip.words.title.text() == "audit stands again at 18,442: another record"
    gone: list[Place] = []
    monkeypatch.setattr(strip, "_context", replace(strip._context, go=gone.append))
    click(strip.stands)
    assert gone == [Place("triage", "audit")]
    strip.look(view(groups, again))
    assert strip.words.title.text() == "audit stands again at 18,442: another record; shipping too"
    strip.look(view(groups))
    assert strip.words.title.text() == "billing moves again, audit and shipping too"


async def test_a_group_that_is_not_seen_is_not_said_to_move_again(stage: Stage) -> None:
    await stage.choose("billing")
    stage.window.tasks.cancel("watch")
    pane, groups = stage.triage.pane, (group_view("billing", {"orders:1": 70}),)
    nobody = (group_view("billing", {"orders:1": 70}, members=0),)
    here = view(groups, topics=(topic("orders", 3),))
    assert pane.incident is not None
    unseen = (UnseenGroups("billing", 1, "broker 1 does not answer"),)
    fates = (
        (here, Mark.OK, "billing moves again"),
        (replace(here, late_since_ms=NOW), Mark.UNKNOWN, "Whether billing moves again is not known yet"),
        (replace(here, judged=False), Mark.UNKNOWN, "Whether billing moves again is not known yet"),
        (replace(here, unseen=unseen), Mark.UNKNOWN, f"Whether billing moves again is not known: {unseen[0].reason}"),
        (view(nobody, topics=(topic("orders", 3),)), Mark.IDLE, "billing has no members now"),
        (view(groups), Mark.IDLE, "orders is not there any more"),
        (view(topics=(topic("orders", 3),)), Mark.IDLE, "billing is not there any more"),
        (replace(here, stuck=(stuck("billing", place="orders:2"),)), Mark.BAD, "billing stands at orders:2 @ 18,442"),
    )
    for seen, mark, sentence in fates:
        now = fate(pane.incident, seen, 70)
        assert (now.mark, now.sentence) == (mark, sentence)
    anew = fate(pane.incident, here, None)  # the topic was made anew
    assert (anew.mark, anew.sentence) == (Mark.UNKNOWN, "billing has no committed offset on orders:1 any more")
    emptied = fate(pane.incident, here, 60)
    assert (emptied.mark, emptied.sentence) == (Mark.IDLE, "billing is at orders:1 @ 60, where no record waits")


async def test_an_incident_that_was_chosen_and_goes_leaves_its_place_to_no_other(stage: Stage) -> None:
    await stage.choose("billing")
    stage.window.tasks.cancel("watch")
    page, groups = stage.triage, (group_view("billing", {"orders:1": 70}), group_view("audit", {"orders:1": 60}))
    left = view(groups, (stuck("audit", place="orders:1"),), topics=(topic("orders", 3),))
    stage.window.show_view(left)
    await stage.until(lambda: page.pane.fate is not None)
    assert page.pane.incident is not None
    assert page.pane.incident.group == "billing"
    assert not page.list.selectionModel().hasSelection()
    assert not page.pane.head.send_button.isVisible()
    page.go_to(Place("triage", "audit"))
    await stage.until(lambda: page.pane.incident is not None and page.pane.incident.group == "audit")
    assert page.pane.fate is None


async def test_how_many_wait_is_a_live_number(stage: Stage) -> None:
    await stage.choose("billing")
    run = _Run()
    stage.window._follow(run)  # type: ignore[arg-type]
    run.end(Result("ok", "billing moves again", moved=MovedGroup("billing", PLACE, NOW)))
    await stage.until(lambda: stage.outcome.lag.text().endswith("wait now"))
    first = stage.outcome.lag.text()
    await stage.until(lambda: stage.outcome.lag.text() != first)


def test_a_crash_loops_other_partitions_are_no_rows_of_their_own() -> None:
    poison = stuck("billing", behaviour=Behaviour.CRASH_LOOP)
    other = stuck("billing", Verdict.UNDECIDED, place="orders:1", committed=9)
    foreign = stuck("audit", Verdict.UNDECIDED, place="orders:1", committed=9)
    rows = incidents((other, poison, foreign))
    assert [(row.group, row.first.topic_partition.partition) for row in rows] == [("billing", 3), ("audit", 1)]
    assert "orders:1 stands too, as a consequence: the group crashes on orders:3 @ 18,442." in facts(rows[0], rows, NOW)
    stays = stuck("billing", behaviour=Behaviour.RETRIES)
    assert len(with_consequences((stays, other))) == 2


class _Run(QObject):
    """What a write that has begun tells the strip."""

    ended = Signal(object)
    title = "Send 1 record"

    def end(self, result: Result) -> None:
        self.ended.emit(result)
        self.deleteLater()
