"""How the cluster answers, in words: what the status bar, the header and the banner say. No widgets."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.cluster.errors import AuthenticationFailed, NotAuthorized
from kafkaview.triage.view import View
from kafkaview.ui.banner import BannerKind
from kafkaview.ui.formats import clock
from kafkaview.ui.marks import Mark


@dataclass(frozen=True, slots=True)
class News:
    """What the banner says."""

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


def connection(view: View) -> Connection:
    """What a sample says about the connection."""
    facts = _facts(view)
    if view.dated and view.samples == 0:
        return Connection(Mark.BAD, "Not connected", _said(view), "Not connected", _never(view))
    if view.dated:
        return Connection(Mark.IDLE, "Not connected", facts, f"As of {clock(view.at_ms)}", _dated(view))
    if not view.errors:
        return Connection(Mark.OK, "Connected", facts, "Live")
    if all(isinstance(error, NotAuthorized) for error in view.errors):
        return Connection(Mark.OK, "Connected", f"{facts} · some rights are missing", "Live", _partial(view))
    return Connection(Mark.WARN, "Partly connected", facts, "Live, in part", _partial(view))


def _facts(view: View) -> str:
    if view.info is None:
        return ""
    count = len(view.info.brokers)
    told = [f"{count} broker{'' if count == 1 else 's'}"]
    told += [f"Kafka {view.info.version}"] if view.info.version else []
    told += [view.info.mode] if view.info.mode else []
    return "  ·  ".join(told)


def _said(view: View) -> str:
    return view.errors[0].message if view.errors else ""


def _never(view: View) -> News:
    error = view.errors[0] if view.errors else None
    word = "The login was refused." if isinstance(error, AuthenticationFailed) else "No broker answers."
    return News(BannerKind.DATED, word, " ".join(part for part in (_said(view), error.hint if error else "") if part))


def _dated(view: View) -> News:
    return News(
        BannerKind.DATED,
        f"Not connected since {clock(view.at_ms)}.",
        f"This is what was last known. {_sentence(_said(view))}",
    )


def _partial(view: View) -> News:
    first, *others = view.errors
    more = f" And {len(others)} more." if others else ""
    return News(
        BannerKind.PARTIAL,
        _sentence(first.message),
        f"What it knows is unknown here, not 0.{more} {first.hint}".strip(),
    )


def _sentence(text: str) -> str:
    return text if not text or text.endswith(".") else f"{text}."
