"""What a window claims of a cluster, and whether it is so: health, rights and emptiness against the truth."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from kafkaview.cluster.ports.coordination import QuorumHealth
from kafkaview.security.hidden_rows import GROUPS, TOPICS
from kafkaview.triage.watch.observations import SPARSE_LOOKS
from kafkaview.triage.watch.unseen import say_health
from kafkaview.ui.kit.health_sight import HealthSight
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.pages.coordination.words import _HEALTH, FROZEN
from kafkaview.ui.pages.dead_letters.words import NONE_FOUND
from tests.kit.said import Said


@dataclass(frozen=True, slots=True)
class Truth:
    """What is so at one time (monotonic seconds). A group that is neither moving, standing nor empty is of no
    interest: nothing healthy may be said of it.
    """

    at: float
    brokers: frozenset[int]
    answering: frozenset[int]  # brokers that answer
    sampled: bool  # the watch's questions are answered, by those that answer
    complete: bool  # no question is without an answer: what the others did, those that answer have taken over
    quorum: bool  # the quorum is healthy, and somebody says so
    moving: frozenset[str]
    standing: frozenset[str]
    empty: frozenset[str]  # without members
    seen: frozenset[str]  # groups whose coordinator and leaders may answer
    surely_seen: frozenset[str]  # those that have answered for long enough to be judged
    partitions: dict[str, bool]  # `topic:partition`: it has its leader, which answers, and all its replicas
    stuck_on: frozenset[str] = frozenset()  # the topics that those that stand, stand on
    denied: bool = False  # a right is missing

    @property
    def topics(self) -> frozenset[str]:
        """The topics that there are."""
        return frozenset(place.rpartition(":")[0] for place in self.partitions)

    def is_sound(self, topic: str) -> bool:
        """Whether all of a topic is."""
        own = [sound for place, sound in self.partitions.items() if place.rpartition(":")[0] == topic]
        return self.sampled and bool(own) and all(own)

    def moves(self, group: str) -> bool:
        """Whether a group moves, and can be seen to."""
        return self.sampled and group in (self.moving | self.empty) & self.seen


_MOST_S: Final = 0.1  # from one note to the next
Holds = Callable[[re.Match[str], Said, Truth], bool]


@dataclass(frozen=True, slots=True)
class Claim:
    """A kind of claim: where it is made, its words, and when it is true. With a `mark` it is the mark that claims."""

    name: str
    words: str
    holds: Holds
    where: str = ""
    mark: Mark | None = None

    def match(self, said: Said) -> re.Match[str] | None:
        """The claim in what is said, if it is one."""
        if (self.where and not re.fullmatch(self.where, said.where)) or (self.mark and said.mark is not self.mark):
            return None
        return re.search(self.words, said.text)


def _exactly(text: str) -> str:
    return f"^{re.escape(text)}$"


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _not_judged(text: str) -> int:
    """How many groups a text itself says that nothing is said of."""
    return sum(map(_number, re.findall(r"([\d,]+) (?:not yet judged|could not be seen)", text)))


def _are_so_many(match: re.Match[str], _said: Said, truth: Truth) -> bool:
    """Without a quorum the brokers go on naming those that were there last."""
    return int(match[1]) <= len(truth.answering) or not truth.complete


_MOVES = HealthSight.NOW.movement
_QUORUM = _HEALTH[QuorumHealth.HEALTHY]

CLAIMS: Final = (
    Claim("all answer", r"^(Live|Connected)( /|$)", lambda _m, _s, truth: truth.complete),
    Claim("some answer", r"^(Live, in part|Partly connected)( /|$)", lambda _m, _s, truth: bool(truth.answering)),
    Claim("so many brokers", r"(\d+) brokers?  ·", _are_so_many),
    Claim(
        "every group moves",
        f"^{say_health(1, ())}( /|$)",
        lambda _m, _s, truth: truth.complete and not truth.standing and truth.moving | truth.empty <= truth.seen,
    ),
    Claim(
        "no group that is seen stands",
        r"No group of the ([\d,]+) seen is stuck",
        lambda m, _s, truth: (
            truth.sampled
            and not truth.standing & truth.surely_seen
            and _number(m[1]) <= len((truth.moving | truth.empty) & truth.seen)
        ),
    ),
    Claim(
        "so many stand",
        r"^[\d,]+ groups?, (?:≥ )?([\d,]+) stuck",
        lambda m, said, truth: (
            truth.sampled and _number(m[1]) + _not_judged(said.text) >= len(truth.standing & truth.surely_seen)
        ),
    ),
    Claim("so many stand, as the head says and dates", r"^Stuck [\d,]+$", lambda *_: True, "button"),
    Claim(
        "so many do not stand",
        r"^([\d,]+) other groups? do(?:es)? not stand$",
        lambda m, _s, truth: truth.sampled and _number(m[1]) <= len((truth.moving | truth.empty) & truth.seen),
    ),
    Claim("moves again", r"^(\S+) moves again", lambda m, _s, truth: truth.moves(m[1])),
    Claim("moves again, as the sentence beside it says of whom", "^Moves again$", lambda *_: True, "chip"),
    Claim("moved on", r"The committed offset has moved on", lambda _m, _s, truth: truth.sampled),
    Claim(
        "a group moves",
        "",
        lambda _m, said, truth: truth.moves(said.of),
        "Consumer groups|Groups that read the topic",
        Mark.OK,
    ),
    Claim(
        "a group moves",
        rf"(?i)(^|\| ){_MOVES}($| \|)",
        lambda _m, said, truth: truth.moves(said.of),
        "Consumer groups|Groups that read the topic",
    ),
    Claim("a group moves", rf"(?i)^{_MOVES}$", lambda _m, said, truth: truth.moves(said.of), "chip"),
    Claim("the topic is sound", "", lambda _m, said, truth: truth.is_sound(said.of), "Topics", Mark.OK),
    Claim("no group is stuck on the topic", r"\| 0$", lambda _m, said, truth: said.of not in truth.stuck_on, "Topics"),
    Claim("the topic is sound", "^Healthy$", lambda _m, said, truth: truth.is_sound(said.of), "chip"),
    Claim(
        "the partition is sound",
        "",
        lambda _m, said, truth: truth.sampled and truth.partitions.get(said.of, False),
        "Partitions of the topic",
        Mark.OK,
    ),
    Claim(
        "every partition is sound",
        "^(?!As of).*every partition has its leader and replicas",
        lambda _m, _s, truth: truth.sampled and all(truth.partitions.values()),
    ),
    Claim(
        "the node answers",
        "",
        lambda _m, said, truth: int(said.of) in truth.answering,
        "Replicas of the metadata log|Brokers",
        Mark.OK,
    ),
    Claim(
        "the node answers",
        "(?i)^runs$",
        lambda _m, said, truth: int(said.of.removeprefix("Broker ")) in truth.answering,
        "chip",
    ),
    Claim("the quorum is healthy", f"^Quorum / {_QUORUM}", lambda _m, _s, truth: truth.quorum, "mark", Mark.OK),
    Claim(
        "the quorum is healthy",
        rf"quorum {_QUORUM.lower()}|^Quorum: {_QUORUM}|controllers? more may fail|more may fail, and the",
        lambda _m, _s, truth: truth.quorum,
    ),
    Claim("a tab, dated by its content", r"^Moves( \d+)?$", lambda *_: True, "button"),
    Claim("the quorum is healthy", f"^{_QUORUM}$", lambda _m, _s, truth: truth.quorum, "label"),
    Claim(
        "so many voters are healthy",
        r"^(?:Quorum: [^.]*\. )?(\d+) of \d+ voters? healthy",
        lambda m, _s, truth: int(m[1]) <= len(truth.answering),
    ),
    Claim(
        "the features are the same",
        "",
        lambda _m, _s, truth: bool(truth.answering),
        "Features of the cluster|What each broker supports",
        Mark.OK,
    ),
    Claim(
        "the features are the same",
        r"every broker (that answers )?supports the same",
        lambda *_: True,  # no outage changes the levels, and the page says of when they are
    ),
    Claim("the brokers run", r"^\d+ brokers?,? (all )?runs?\b", lambda _m, _s, truth: truth.answering == truth.brokers),
    Claim(
        "nothing is open or on the move",
        r"^(Nothing is on the move|No transaction is open|No producer has a transaction open)",
        lambda _m, _s, truth: truth.complete,
    ),
    Claim(
        "the metadata moves",
        r"\+[\d.,]+/s, moves$",
        lambda _m, _s, truth: truth.complete,
    ),
    Claim(
        "a right is missing",
        r"^You may not see|lacks [A-Z_]{4,}|may not see all|not readable for this principal|not shown to you",
        lambda _m, _s, truth: truth.denied or not truth.topics,
    ),
    Claim(
        "there is none",
        f"^({TOPICS.none}|{GROUPS.none})",
        lambda m, _s, truth: (
            truth.denied or not (truth.topics if m[1] == TOPICS.none else truth.moving | truth.standing | truth.empty)
        ),
    ),
    Claim("there is none", r"^0 topics", lambda _m, _s, truth: not truth.topics),
    Claim("there is none", r"^0 groups", lambda _m, _s, truth: not truth.moving | truth.standing | truth.empty),
    Claim("there is none", _exactly(NONE_FOUND), lambda _m, _s, _truth: True),  # there never is one
    Claim(
        "it has no members",
        r"\| No members",
        lambda _m, said, truth: said.of in truth.empty,
        "Groups that read the topic",
    ),
)

# Healthy words and green marks that speak of nothing that an outage could change.
_NEUTRAL: Final = re.compile(
    "|".join(
        (
            re.escape(FROZEN),
            re.escape(SPARSE_LOOKS),
            r"^Whether \S+ moves again is not known",
            r"\(KIP-\d+\)\.$",
            "^A topic is recognized by|^Asking every |^Every record within reach decodes",
            "reads the whole value$|likely what the producer wrote$",
        )
    )
)

# Words of health. What says one and is no claim above is a new wording: it gets a claim, or a line in _NEUTRAL.
_HEALTHY: Final = re.compile(
    r"\b(healthy|moves|live|connected|every|all (?:run|answer|well)|in sync|nothing is|none (?:is|are|was)|lacks|"
    r"no \w+ (?:is|are|was) (?:open|stuck|found|seen|there))\b",
    re.IGNORECASE,
)
_PAST: Final = re.compile(r"(?i)^As of |last seen|last known|^Not connected")


@dataclass(slots=True)
class Examiner:
    """Holds what is said to what was so within the last `grace_s` seconds: a claim may be so old, and no older. While
    this process stands still nobody can show anything: that time does not count.
    """

    grace_s: float
    past: list[tuple[float, Truth]] = field(default_factory=list)  # with the seconds that count
    looked_at: int = 0  # claims
    new_words: set[str] = field(default_factory=set)

    def note(self, truth: Truth) -> None:
        """Keeps what is so now."""
        counted, last = self.past[-1] if self.past else (0.0, truth)
        now = counted + min(truth.at - last.at, _MOST_S)
        self.past.append((now, truth))
        while now - self.past[0][0] > self.grace_s:
            self.past.pop(0)

    def faults(self, all_said: Iterable[Said]) -> Iterator[str]:
        """Yields what is said and was not so."""
        for said in all_said:
            if _PAST.search(said.text) and said.mark is not Mark.OK:
                continue
            claims = [(claim, match) for claim in CLAIMS if (match := claim.match(said)) is not None]
            for claim, match in claims:
                self.looked_at += 1
                if not any(claim.holds(match, said, truth) for _, truth in self.past):
                    yield f"{claim.name}: {said}"
            healthy = said.mark is Mark.OK or _HEALTHY.search(said.text)
            if healthy and not claims and said.where != "evidence" and not _NEUTRAL.search(said.text):
                self.new_words.add(f"{said.page} / {said.where} / {said.mark and said.mark.name}: {said.text[:160]}")
