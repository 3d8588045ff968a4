"""The tour: the main job without a window, which `make run` gives where there is no display. It starts the demo, names
what stands still, re-routes the record that stops most groups, watches them move again, and takes pictures of the
window's pages.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from tempfile import mkdtemp

from kafkaview.command_words import shell_line
from kafkaview.demo.running import Demo, running_demo
from kafkaview.session import Session, open_session
from kafkaview.terms import RecordId
from kafkaview.triage.reroute.plan import ReroutePlan
from kafkaview.triage.reroute.planner import plan_reroute
from kafkaview.triage.watch.verdict import Stuck, Verdict
from kafkaview.triage.watch.watch import Watch
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.plan import command_line
from kafkaview.writes.steps import StepState, WriteStep

Say = Callable[[str], None]
Pictures = Callable[[Demo, Path], Awaitable[None]]
_LOOKS_AFTERWARDS = 6
_SECONDS_BETWEEN_LOOKS = 2.0


async def tour(say: Say, pictures: Pictures) -> int:
    """Runs the tour. `pictures` renders the pages of a running demo into a folder. Returns the exit code."""
    say("Starting a real Kafka 4.4 on this machine, with groups that break on purpose ...")
    async with running_demo() as demo:
        await demo.wait_until_settled()
        say(f"It runs at {demo.bootstrap}, seven groups at work. Watching them for ten seconds ...\n")
        async with open_session(demo.profile, journal=demo.folder / "journal.sqlite3") as session:
            moved = await _main_job(session, say)
        folder = Path(mkdtemp(prefix="kafkaview-tour-"))
        say("\nTaking pictures of the window's pages ...")
        await pictures(demo, folder)
        say(f"They are in {folder}")
    say("The demo has ended, nothing of it is left.")
    return 0 if moved else 1


async def _main_job(session: Session, say: Say) -> bool:
    poison = [stuck for stuck in await _wait_for_verdicts(session) if stuck.verdict is Verdict.POISON]
    for stuck in poison:
        _say_stuck(stuck, say)
    record = _most_blocking(poison)
    if record is None:
        say("No group stands on a poison record: the demo is not as it should be.")
        return False
    plan = await plan_reroute(session, [record], groups=None)
    _show(session, plan, say)
    outcome = await carry_out(session, plan, lambda step: _report(step, say))
    say(f"\n{outcome.message}.")
    await _watch_lag(session, plan, say)
    return bool(outcome.groups) and all(group.effective is not False for group in outcome.groups)


async def _wait_for_verdicts(session: Session) -> tuple[Stuck, ...]:
    watch = Watch(session)
    async with aclosing(watch.views()) as views:
        async for view in views:
            if view.judged and not watch.reads_suspects:
                return watch.stuck()  # the view may be from before the last of the records was read
    raise AssertionError("a watch never ends by itself")


def _say_stuck(stuck: Stuck, say: Say) -> None:
    record = stuck.suspect.record.id if stuck.suspect else stuck.topic_partition
    say(f"{stuck.group} stands still on {record}: {stuck.reason}")
    for evidence in stuck.evidence:
        say(f"    {evidence.text}")


def _most_blocking(poison: Sequence[Stuck]) -> RecordId | None:
    at_once = Counter(
        stuck.suspect.record.id for stuck in poison if stuck.suspect and not stuck.suspect.records_between
    )
    return at_once.most_common(1)[0][0] if at_once else None


def _show(session: Session, plan: ReroutePlan, say: Say) -> None:
    say(f"\nThe plan: {plan.title}")
    for move in plan.moves:
        before = f"{move.before.offset:,}" if move.before else "–"
        say(f"    {move.group} on {move.topic_partition}: {before} -> {move.after:,}, {move.note}")
    say(f"    {shell_line(command_line(session.profile, plan))}\n")


def _report(step: WriteStep, say: Say) -> None:
    if step.state is not StepState.RUNNING:
        detail = f" ({step.detail})" if step.detail else ""
        took = f"{step.ms:,} ms" if step.ms is not None else ""
        say(f"    {step.text}{detail}  {took}".rstrip())


async def _watch_lag(session: Session, plan: ReroutePlan, say: Say) -> None:
    groups = [move.group for move in plan.moves]
    partitions = {move.topic_partition for move in plan.moves}
    for _ in range(_LOOKS_AFTERWARDS):
        committed = await session.cluster.committed_offsets(groups)
        ends = await session.cluster.offsets(partitions)
        parts = []
        for move in plan.moves:
            answer, end = committed[move.group], ends[move.topic_partition].log_end_offset
            commit = answer.get(move.topic_partition) if not isinstance(answer, Exception) else None
            parts.append(f"{move.group} {end - commit.offset:,}" if commit and end is not None else f"{move.group} –")
        say(f"    waiting on {', '.join(str(p) for p in partitions)}: {', '.join(parts)}")
        await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
