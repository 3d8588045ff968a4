"""The sentences of the page: the state of the quorum, what fails if one more fails, and each silent replica. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.cluster.ports.coordination import CoordinationMode, Quorum, QuorumHealth, ReplicaHealth
from kafkaview.coordination.view import CoordinationAnswer, CoordinationView
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.pages.coordination.replicas import QuorumNode, nodes_of
from kafkaview.words import clock, duration, join_names, plural

MODES = {
    CoordinationMode.KRAFT: "KRaft",
    CoordinationMode.ZOOKEEPER: "ZooKeeper",
    CoordinationMode.MIGRATING: "Migrating",
    CoordinationMode.UNKNOWN: "Unknown",
}
_HEALTH = {
    QuorumHealth.HEALTHY: "Healthy",
    QuorumHealth.NO_FAULT_LEFT: "No fault left",
    QuorumHealth.LOST: "Lost",
    QuorumHealth.UNKNOWN: "Not fully known",
}
_ELECTING = "No leader"
FROZEN = "No new topics, no new leaders after a broker's failure, no config or ACL changes."
_GOES_ON = "Producing and consuming go on where leaders live."


@dataclass(frozen=True, slots=True)
class Consequence:
    """What fails if one more fails, and what goes on."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Remark:
    """One replica that is not as it should be: the news, and what to do."""

    mark: Mark
    news: str
    advice: str
    node: int | None = None


def finding(view: CoordinationView) -> str:
    """Returns the page's first line."""
    if view.missing_right is not None:
        return "who runs this cluster is not shown to you"
    if view.coordination is None:
        return "who runs this cluster, and how well"
    if view.lost:
        return "The quorum is lost: the metadata cannot change"
    if view.electing:
        return "Nobody leads the quorum: it elects, or is about to"
    if view.led_unseen:
        return "Somebody leads the quorum, whom the brokers do not ask yet"
    if view.stale:
        return f"No answer since {clock(view.quorum_at_ms)}"
    if view.quorum is None:
        return _without_quorum(view)
    return f"{MODES[view.mode]}, controller {view.quorum.leader_id} leads, {_margin(view.quorum)}"


def health_word(view: CoordinationView) -> str:
    """Returns the quorum's health in a word or three; never a good one if the quorum is not seen now."""
    if view.lost:
        return _HEALTH[QuorumHealth.LOST]
    if view.electing:
        return _ELECTING
    if view.quorum is None and view.mode is CoordinationMode.ZOOKEEPER:
        return "None"
    if view.quorum is None or view.stale:
        return "Unknown"
    return _HEALTH[view.quorum.health]


def health_text(view: CoordinationView) -> str:
    """Returns the count of voters behind the health."""
    there = _there(view)
    if there:
        return there
    if view.quorum is None:
        return why_no_quorum(view)
    if view.stale:
        return f"last seen {clock(view.quorum_at_ms)}: {_count(view.quorum)}"
    return f"{_count(view.quorum)}, majority is {view.quorum.majority}"


def why_no_quorum(view: CoordinationView) -> str:
    """Returns the words in place of an unknown figure."""
    if view.missing_right is not None:
        return "not shown to you"
    if view.mode is CoordinationMode.ZOOKEEPER:
        return "a quorum is KRaft's"
    return "no leader answers" if view.answer is CoordinationAnswer.LEADERLESS else "unknown"


def consequence(view: CoordinationView) -> Consequence:
    """Returns what fails if one more controller fails now."""
    quorum = view.quorum
    if view.lost:
        return Consequence("The metadata cannot change", f"{FROZEN} {_GOES_ON} {_way_back(quorum)}")
    if view.electing:
        return Consequence("Until a leader is elected the metadata cannot change", f"{FROZEN} {_GOES_ON}")
    if view.led_unseen:
        return Consequence(
            "How the quorum stands is unknown", "The brokers read new metadata, so a majority follows somebody."
        )
    if quorum is None or view.stale:
        return Consequence("No broker says how the quorum stands", f"{_error(view)} What is shown was last known.")
    if quorum.health is QuorumHealth.UNKNOWN:
        unknown = [n.name for n in nodes_of(view) if n.voter and n.replica.health is ReplicaHealth.UNKNOWN]
        return Consequence(
            f"Whether {join_names(unknown)} follow{'s' if len(unknown) == 1 else ''} is not known",
            "So nobody can say how many controllers may still fail.",
        )
    if not quorum.can_lose:
        return Consequence(f"If {_good_voters(view)} fails now, the metadata cannot change", f"{FROZEN} {_GOES_ON}")
    may = "One controller more may" if quorum.can_lose == 1 else f"{quorum.can_lose} controllers more may"
    text = "If the leader fails, the others elect one among them, as a rule within seconds. Clients do not notice."
    return Consequence(f"{may} fail, and the metadata still changes", text)


def remarks(view: CoordinationView) -> tuple[Remark, ...]:
    """Returns what is wrong with which replica, voters first; then what is worth knowing."""
    if view.answer is CoordinationAnswer.LEADERLESS:
        return _find_silent_voters(view)
    if view.quorum is None or view.stale:
        return ()
    of_nodes = [_remark(node, view.quorum) for node in nodes_of(view)]
    voters = len(view.quorum.voters)
    even: tuple[Remark, ...] = ()
    if voters % 2 == 0:
        text = f"{voters - 1} would bear as many faults."
        even = (Remark(Mark.IDLE, f"{voters} voters are an even number:", text),)
    return (*(one for one in of_nodes if one is not None), *even)


def _remark(node: QuorumNode, quorum: Quorum) -> Remark | None:
    replica, name = node.replica, node.name.capitalize()
    health = replica.health
    if health is ReplicaHealth.DOWN:
        news = (
            f"{name} has not fetched from this leader once."
            if replica.fetch_age_ms is None
            else f"{name} last fetched {duration(replica.fetch_age_ms)} ago."
        )
        return Remark(node.mark, news, _down_advice(node, quorum), node.id)
    if health is ReplicaHealth.LAGGING:
        news = f"{name} is {duration(node.behind_ms)} behind:"
        text = (
            "it cannot lead before it has caught up" if node.voter else "it hands out old leaders until it catches up"
        )
        return Remark(node.mark, news, text, node.id)
    if health is ReplicaHealth.UNKNOWN:
        text = "Look whether it runs, or wait for its first fetch."
        return Remark(node.mark, f"{name} has not fetched from this leader yet.", text, node.id)
    return None


def _find_silent_voters(view: CoordinationView) -> tuple[Remark, ...]:
    """Returns the controllers that do not answer, while there is no leader and each is asked itself."""
    voters = (
        view.coordination.quorum.voters
        if view.coordination is not None and view.coordination.quorum is not None
        else ()
    )
    silent = (one for one in voters if one.answers is False)
    advice = "Look whether it runs, or whether a firewall keeps it from here."
    return tuple(Remark(Mark.BAD, f"Controller {one.id} does not answer.", advice, one.id) for one in silent)


def _there(view: CoordinationView) -> str:
    """Returns how many controllers answer themselves while there is no leader."""
    quorum = (
        view.coordination.quorum
        if view.coordination is not None and view.answer is CoordinationAnswer.LEADERLESS
        else None
    )
    if quorum is None or not quorum.voters:
        return ""
    there = sum(bool(one.answers) for one in quorum.voters)
    return f"{there} of {plural(len(quorum.voters), 'voter')} answer, majority is {quorum.majority}"


def _down_advice(node: QuorumNode, quorum: Quorum) -> str:
    if not node.voter:
        return "Look whether it runs: a broker that is silent is fenced and loses its leaders."
    if quorum.can_lose:
        return "Start it again, or replace it, before another one fails."
    return "Start it again, or replace it: nothing else restores the margin."


def _margin(quorum: Quorum) -> str:
    if quorum.health is QuorumHealth.UNKNOWN:
        return "not all of its voters are known"
    if quorum.health is QuorumHealth.NO_FAULT_LEFT:
        return "no fault left"
    if len(quorum.voters) == 1:
        return "alone"
    return f"{plural(quorum.can_lose or 0, 'controller')} more may fail"


def _count(quorum: Quorum) -> str:
    good = sum(one.health in (ReplicaHealth.LEADER, ReplicaHealth.HEALTHY) for one in quorum.voters)
    return f"{good} of {plural(len(quorum.voters), 'voter')} healthy"


def _good_voters(view: CoordinationView) -> str:
    good = [str(n.id) for n in nodes_of(view) if n.voter and n.mark is Mark.OK]
    ids = sorted(good, key=int)
    return f"controller {' or '.join(filter(None, [', '.join(ids[:-1]), ids[-1]]))}"


def _way_back(quorum: Quorum | None) -> str:
    if quorum is None:
        return "Start the controllers: a majority of them has to run."
    return f"Start controllers until {quorum.majority} of {len(quorum.voters)} run again."


def _without_quorum(view: CoordinationView) -> str:
    if (
        view.mode is CoordinationMode.ZOOKEEPER
        and view.coordination is not None
        and view.coordination.controller_id is not None
    ):
        return f"ZooKeeper, broker {view.coordination.controller_id} is the controller"
    if (
        view.mode is CoordinationMode.MIGRATING
        and view.coordination is not None
        and view.coordination.controller_id is not None
    ):
        return f"Migrating to KRaft, controller {view.coordination.controller_id} rules"
    if view.mode is CoordinationMode.UNKNOWN:
        return "No broker says whether this is KRaft or ZooKeeper"
    return f"{MODES[view.mode]}, its quorum is unknown"


def _error(view: CoordinationView) -> str:
    if view.error is None or view.answer is CoordinationAnswer.YES:
        return ""
    return view.error.message.removesuffix(".") + "."
