"""The rows of the features: what each is for, its level, and which broker supports less. No widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.ports.coordination import Coordination, Feature
from kafkaview.cluster.ports.feature_levels import METADATA_VERSION, feature_word
from kafkaview.ui.kit.marks import Mark
from kafkaview.words import DASH, join_names

# The features' own descriptions in server-common/.../common of Kafka 4.4, and the KIPs that they name.
_MEANINGS: Final = {
    METADATA_VERSION: "What the controllers may write into the metadata log. Raising it switches a release's new "
    "abilities on; it can seldom be lowered again.",
    "kraft.version": "0: the voters stand in every node's settings. 1: the quorum keeps them itself, and voters can be "
    "added and removed (KIP-853).",
    "group.version": "1 allows groups of the consumer protocol, whose partitions the broker assigns (KIP-848).",
    "share.version": "1 allows share groups, whose members acknowledge record by record (KIP-932).",
    "streams.version": "1 allows groups of the streams protocol: the broker assigns the tasks of Kafka Streams "
    "(KIP-1071).",
    "transaction.version": "2 gives every transaction an epoch of its own, so that a late write cannot slip into the "
    "next one: such transactions cannot hang (KIP-890).",
    "eligible.leader.replicas.version": "1 lets the controllers remember replicas that are out of sync and still hold "
    "every committed record, and elect them without loss (KIP-966).",
}
_UNKNOWN: Final = "A feature of a newer release than this program knows."


@dataclass(frozen=True, slots=True)
class Support:
    """What one broker supports of a feature; `levels` is None if it does not know the feature."""

    broker: int
    levels: tuple[int, int] | None
    behind: bool
    words: str
    text: str

    @property
    def mark(self) -> Mark:
        """Whether it supports as much as the others, as a mark."""
        return Mark.WARN if self.behind else Mark.OK


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """One feature, and what each broker supports of it."""

    feature: Feature
    supports: tuple[Support, ...]

    @property
    def name(self) -> str:
        """Its name."""
        return self.feature.name

    @property
    def behind(self) -> tuple[int, ...]:
        """Brokers that support less than the others."""
        return tuple(one.broker for one in self.supports if one.behind)

    @property
    def mark(self) -> Mark:
        """Whether all brokers support the same, as a mark."""
        return Mark.WARN if self.behind else Mark.OK

    @property
    def finalized(self) -> str:
        """The finalized level in words."""
        return feature_word(self.name, self.feature.finalized) or "not used"

    @property
    def supported(self) -> str:
        """The levels that every broker supports that knows the feature."""
        if self.feature.minimum is None or self.feature.maximum is None:
            return DASH
        return levels_text(self.name, (self.feature.minimum, self.feature.maximum))

    @property
    def standing(self) -> str:
        """Which brokers lag behind, or whether the level could be raised, in words."""
        if self.behind:
            names = join_names([str(broker) for broker in self.behind])
            return (
                f"broker{'s' if len(self.behind) > 1 else ''} {names} lag{'' if len(self.behind) > 1 else 's'} behind"
            )
        highest = self.feature.maximum
        if highest is not None and (self.feature.finalized or 0) < highest:
            return f"could be raised to {feature_word(self.name, highest)}"
        return "as high as the brokers go"

    @property
    def meaning(self) -> str:
        """What the feature is for."""
        return _MEANINGS.get(self.name, _UNKNOWN)


def feature_rows(coordination: Coordination) -> tuple[FeatureRow, ...]:
    """Returns every feature, those in which a broker lags behind first."""
    brokers = sorted({broker for feature in coordination.features for broker in feature.supported})
    rows = [FeatureRow(feature, _supports(feature, brokers)) for feature in coordination.features]
    return tuple(sorted(rows, key=lambda row: (not row.behind, row.name)))


def levels_text(name: str, levels: tuple[int, int]) -> str:
    """Returns levels as `3.3-IV3 to 4.4-IV2`, or one of them if they are the same."""
    low, high = (feature_word(name, level) or "0" for level in levels)
    return low if low == high else f"{low} to {high}"


def finding(rows: tuple[FeatureRow, ...], silent: Sequence[int] = ()) -> str:
    """Returns the tab's first line; `silent` brokers did not tell what they support."""
    behind = sorted({broker for row in rows for broker in row.behind})
    metadata = next((row.finalized for row in rows if row.name == METADATA_VERSION), None)
    at = "The cluster tells no metadata.version" if metadata is None else f"The cluster works at {metadata}"
    unknown = f"; {_brokers(silent)} did not answer" if silent else ""
    if not behind:
        return f"{at}, and every broker{' that answers' if silent else ''} supports the same{unknown}"
    less = f"{_brokers(behind)} support{'' if len(behind) > 1 else 's'} less"
    return f"{at}. {less[0].upper()}{less[1:]}{unknown}"


def _brokers(ids: Sequence[int]) -> str:
    return f"broker{'s' if len(ids) > 1 else ''} {join_names([str(broker) for broker in ids])}"


def _supports(feature: Feature, brokers: list[int]) -> tuple[Support, ...]:
    best = max((high for _low, high in feature.supported.values()), default=0)
    return tuple(_support(feature, broker, best) for broker in brokers)


def _support(feature: Feature, broker: int, best: int) -> Support:
    levels = feature.supported.get(broker)
    highest = feature_word(feature.name, best)
    if levels is None:
        return Support(broker, None, behind=True, words=f"does not know it: others go up to {highest}", text="unknown")
    text = levels_text(feature.name, levels)
    if levels[1] < best:
        words = f"others go up to {highest}: upgrade it before the feature is raised further"
        return Support(broker, levels, behind=True, words=words, text=text)
    return Support(broker, levels, behind=False, words="as the others", text=text)
