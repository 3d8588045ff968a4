"""The Records page on 10,000,000 records: a search beside yozefu, the newest ones, and following 20,000 a second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.benchmarks.driving import Drive, drive
from tests.benchmarks.figures import Figure
from tests.benchmarks.filling import create_topics
from tests.benchmarks.idle import Waits, alone_ms, idle_beside, longest_wait_ms
from tests.benchmarks.lab import Lab
from tests.benchmarks.pouring import pour_beside
from tests.benchmarks.shapes import SMALL

_RECORDS: Final = 10_000_000
_FEW: Final = 100_000
_PLANTED: Final = 25
_YOZEFU_RATE: Final = 220_000  # records a second, once measured on this machine on 2,000,000 of these records
_FILTERS: Final = {"text": 'value.status == "disputed"', "number": "value.amount > 1000"}
_RATE: Final = 20_000
_FOLLOWED: Final = 5.0  # times a window's tour: 10 minutes
_FULL: Final = 0.2  # of that time, until the table is full and nothing more is to be kept
_SETTLED: Final = 0.95  # of what was written, that must have come


def measure(lab: Lab) -> Iterator[Figure]:
    """All of it on one small cluster."""
    rig, count = lab.rig(SMALL), _FEW if lab.smoke else _RECORDS
    topic = rig.records(count, _PLANTED)
    for name, where in _FILTERS.items():
        yield from _search(lab, rig.bootstrap, topic, count, name, where)
    yield from _newest(lab, rig.bootstrap, topic, count)
    yield from _follow(lab, rig.bootstrap)


def _search(lab: Lab, bootstrap: str, topic: str, count: int, name: str, where: str) -> Iterator[Figure]:
    drives, waits, seconds = [], [], []
    for _run in range(lab.repeats):
        with idle_beside() as waited:
            one = _drive(lab, bootstrap, "search", topic, "--where", where)
        drives.append(one)
        waits.append(waited)
        runs = [event for event in one.events if event["event"] == "searched"]
        assert [len(run["rows"]) for run in runs] == [_PLANTED] * 2, runs
        assert runs[0]["rows"] == runs[1]["rows"]
        seconds += [float(run["seconds"]) for run in runs]
    rate = count * len(seconds) / sum(seconds)
    what = f"search {where} of {count:,} records in the window"
    yield Figure(
        f"search-{name}",
        f"{what}: finds the same {_PLANTED} each time, {rate:,.0f}/s",
        "s",
        seconds,
        [count / _YOZEFU_RATE] * len(seconds),
        beside=f"yozefu, at {_YOZEFU_RATE:,}/s as it was measured before",
        must=3.0,
        by_ratio=True,
        done=not lab.smoke,
    )
    yield Figure(
        f"memory-search-{name}",
        f"{what}: most memory, all processes",
        "MB",
        [one.peak_mb for one in drives],
        must=400.0,
    )
    yield from _pauses(f"search-{name}", what, "search", drives, waits)


def _newest(lab: Lab, bootstrap: str, topic: str, count: int) -> Iterator[Figure]:
    looks = [
        float(event["ms"])
        for _run in range(lab.repeats)
        for event in _drive(lab, bootstrap, "newest", topic).events
        if event["event"] == "newest"
    ]
    what = f"the newest 200 of {count:,} records, from the click to the painted rows"
    yield Figure("newest", what, "ms", looks, must=300.0, worst=True)


def _follow(lab: Lab, bootstrap: str) -> Iterator[Figure]:
    topic, seconds = "poured", lab.seconds * _FOLLOWED
    create_topics(bootstrap, {topic: 6})
    with pour_beside(bootstrap, topic, _RATE) as written, idle_beside() as waits:
        one = _drive(lab, bootstrap, "follow", topic, "--seconds", f"{seconds:g}")
    came = one.event("followed")
    done = came["jumped"] == 0 and came["read"] >= _RATE * seconds * _SETTLED
    what = f"following {_RATE:,} records/s for {seconds:g} s"
    begin, end = (one.seconds("following") + seconds * part for part in (_FULL, 1.0))
    sizes = [megabytes for at, megabytes in one.sizes if begin < at < end]
    third = max(1, len(sizes) // 3)
    grown = max(sizes[-third:]) - max(sizes[:third])
    details = {
        "read": came["read"],
        "written": written[0],
        "jumped": came["jumped"],
        "megabytes": [round(size) for size in sizes[:: third // 4 or 1]],
    }
    yield Figure(
        "memory-follow",
        f"{what}: the most memory of the last third beside that of the first, all processes",
        "MB",
        [grown],
        must=10.0,
        done=done,
        details=details,
    )
    yield from _pauses("follow", what, "follow", [one], [waits])


def _pauses(row: str, what: str, phase: str, drives: list[Drive], waits: list[Waits]) -> Iterator[Figure]:
    longest = [float(one.summary["phases"][phase]["longest_ms"]) for one in drives]
    pauses = [[pause for pause in one.pauses if pause["phase"] == phase] for one in drives]
    yield Figure(
        f"pause-{row}",
        f"{what}: longest pause",
        "ms",
        longest,
        [longest_wait_ms(one) for one in waits],
        "the longest wait of a process beside it that only looks at the clock",
        must=50.0,
        worst=True,
        details={"pauses": pauses},
    )
    own = [
        max((alone_ms(pause, beside) for pause in some), default=0.0)
        for some, beside in zip(pauses, waits, strict=True)
    ]
    less = "longest pause, less what the process beside it waited in it"
    yield Figure(f"alone-{row}", f"{what}: {less}", "ms", own, must=50.0, worst=True)
    work = [max((float(pause["busy_ms"]) for pause in some), default=0.0) for some in pauses]
    yield Figure(f"work-{row}", f"{what}: most processor time of its own in a pause", "ms", work, must=50.0, worst=True)


def _drive(lab: Lab, bootstrap: str, way: str, topic: str, *more: str) -> Drive:
    pace = ("--pace", "0.05") if lab.smoke else ()
    return drive(
        lab, bootstrap, f"records:{way}", "--scan", topic, *pace, *more, metered=True, seconds=lab.seconds * 8 + 120
    )
