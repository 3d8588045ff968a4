"""How the cluster answers, in words, for the status bar, the header and the banner. No widgets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import (
    AuthenticationFailed,
    ClusterError,
    GroupsUnlisted,
    NotAuthorized,
    Unreachable,
    UnusableProfile,
)
from kafkaview.doctor.diagnosis import DiagnosisLayer, DiagnosisStep
from kafkaview.engine.window_words import window_hint
from kafkaview.ui.kit.banner import BannerKind
from kafkaview.ui.kit.marks import Mark
from kafkaview.words import clock, duration, join_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kafkaview.triage.watch.view import SilentBroker, View


@dataclass(frozen=True, slots=True)
class News:
    """The words of the banner."""

    kind: BannerKind
    news: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Connection:
    """`mark`, `word` and `facts` stand in the status bar, `live` in the header."""

    mark: Mark
    word: str
    facts: str
    live: str
    news: News | None = None


CONNECTING = Connection(Mark.WORKING, "Connecting", "asking the brokers", "Connecting")


def connection(view: View, now_ms: int | None = None, quorum: str = "", *, paused: bool = False) -> Connection:
    """Returns what a sample says about the connection. `now_ms` counts down to the next try; `quorum` describes the
    quorum in words; `paused` if the user wants nothing to be asked.
    """
    facts = _facts(view, quorum)
    if paused and not view.stale:
        at = clock(view.at_ms)
        news = News(BannerKind.STALE, "Paused.", f"What is shown is of {at}. The cluster is asked for nothing.")
        return Connection(Mark.IDLE, "Paused", facts, f"Paused at {at}", news)
    if view.stale:
        next_try = _next_try(view, now_ms)
        if never_connected(view) and not _lists_no_group(view):
            return Connection(Mark.BAD, "Not connected", next_try, "Not connected", _never(view, now_ms))
        since = f"As of {clock(view.at_ms)}"
        word = "Partly connected" if _lists_no_group(view) else "Not connected"
        return Connection(Mark.IDLE, word, next_try, since, _stale_news(view, now_ms))
    if view.late_since_ms is not None:
        return _describe_late_answer(view, facts, now_ms or view.late_since_ms)
    if not view.errors and not view.samples:
        return Connection(Mark.WORKING, "Connecting", f"not all have answered yet  ·  {facts}", "Connecting")
    if not view.errors and not (view.silent and view.leaderless):
        return Connection(Mark.OK, "Connected", facts, "Live")
    if view.errors and all(isinstance(error, NotAuthorized) for error in view.errors):
        return Connection(Mark.OK, "Connected", f"{facts} · some rights are missing", "Live", _partial(view))
    return Connection(Mark.WARN, "Partly connected", facts, "Live, in part", _partial(view))


def date_finding(view: View, found: str) -> str:
    """Returns the first line of a page: of a cluster that does not answer it is said as of when it was seen."""
    return found if view.current else f"As of {clock(view.at_ms)}: {found}"


def never_connected(view: View) -> bool:
    """Returns whether no broker has answered yet; the doctor can then say why."""
    return view.stale and view.samples == 0


def error_of(step: DiagnosisStep) -> ClusterError:
    """Returns the doctor's cause as an error that a window can show."""
    kind: type[ClusterError] = Unreachable
    if step.step is DiagnosisLayer.SASL:
        kind = AuthenticationFailed
    elif step.step is DiagnosisLayer.CONFIG:
        kind = UnusableProfile
    return kind(step.detail, step.hint)


def view_of_error(error: ClusterError) -> View:
    """Returns the view of a cluster that does not answer, with the error."""
    from kafkaview.triage.watch.view import View  # heavy: arrays

    return View.empty(now_ms(), 0.0, (error,))


def _lists_no_group(view: View) -> bool:
    """Whether brokers answer, but none that lists a group: what is shown is then what was last known."""
    return any(isinstance(error, GroupsUnlisted) for error in view.errors)


def why_stale(view: View) -> str:
    """Returns in a few words why a sample is old."""
    return why_never(view.errors[0]) if _lists_no_group(view) else "The cluster does not answer"


def why_never(error: ClusterError | None) -> str:
    """Returns in a few words why no broker has answered, or listed a group."""
    if isinstance(error, GroupsUnlisted):
        return "Not every broker answers, and no group is listed"
    if isinstance(error, AuthenticationFailed):
        return "The login was refused"
    if isinstance(error, UnusableProfile):
        return "This profile cannot be used as it is"
    return "No broker answers"


def _describe_late_answer(view: View, facts: str, now_ms: int) -> Connection:
    since = duration(max(0, now_ms - (view.late_since_ms or now_ms)))
    news = News(BannerKind.STALE, f"No answer for {since}.", f"What is shown is of {clock(view.at_ms)}.")
    return Connection(Mark.IDLE, "No answer", facts, f"As of {clock(view.at_ms)}", news)


def _next_try(view: View, now_ms: int | None) -> str:
    if view.next_try_at_ms is None or now_ms is None:
        return ""
    left = view.next_try_at_ms - now_ms
    return f"next try in {duration(-(-left // 1000) * 1000)}" if left > 0 else "trying now"


def _facts(view: View, quorum: str) -> str:
    if view.info is None:
        return ""
    count = len(view.info.brokers)
    facts = [f"{count} broker{'' if count == 1 else 's'}"]
    facts += [f"Kafka {view.info.version}"] if view.info.version else []
    facts += [part for part in (view.info.mode, quorum) if part]
    return "  ·  ".join(facts)


def _error_message(view: View) -> str:
    return view.errors[0].message if view.errors else ""


def _never(view: View, now_ms: int | None) -> News:
    """Returns the news without the cause, which stands on the page: said twice it would be read twice."""
    error = view.errors[0] if view.errors else None
    return News(BannerKind.STALE, f"{why_never(error)}.", _sentence(_next_try(view, now_ms).capitalize()))


def _stale_news(view: View, now_ms: int | None) -> News:
    sentences = (
        _sentence(_next_try(view, now_ms).capitalize()),
        "This is what was last known.",
        _sentence(_error_message(view)),
    )
    what = "No group is listed" if _lists_no_group(view) else "Not connected"
    return News(
        BannerKind.STALE,
        f"{what} since {clock(view.at_ms)}.",
        " ".join(part for part in sentences if part),
    )


def _partial(view: View) -> News:
    if view.silent and (not view.errors or any(isinstance(error, Unreachable) for error in view.errors)):
        missing = "What it leads is" if len(view.silent) == 1 else "What they lead is"
        meaning = f"{missing} unknown here, not 0, and asked for again with each sample."
        return News(BannerKind.PARTIAL, _silence(view.silent), meaning)
    first, *others = view.errors
    more = f" And {len(others)} more." if others else ""
    return News(
        BannerKind.PARTIAL,
        _sentence(first.message),
        f"What it knows is unknown here, not 0.{more} {window_hint(first.hint)}".strip(),
    )


def _silence(silent: Sequence[SilentBroker]) -> str:
    """Returns which brokers do not answer, and since when."""
    said = []
    for fenced, one, many in (
        (False, "does not answer", "do not answer"), (True, "is fenced or down", "are fenced or down")
    ):  # fmt: skip
        names = [str(broker.id) for broker in silent if broker.fenced is fenced]
        since_ms = min((broker.since_ms for broker in silent if broker.fenced is fenced), default=None)
        if len(names) == 1:
            said.append(f"Broker {names[0]} {one} since {clock(since_ms)}")
        elif names:
            said.append(f"Brokers {join_names(names)} {many} since {clock(since_ms)}")
    return _sentence("; ".join(said))


def _sentence(text: str) -> str:
    return text if not text or text.endswith(".") else f"{text}."
