"""Feature flags (KIP-584): what the cluster is finalized at, what each broker supports, and their release names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kafkaview.cluster.coordination import Feature
from kafkaview.cluster.errors import ClusterError

METADATA_VERSION: Final = "metadata.version"

# MetadataVersion.java of Kafka 4.4.0: each release and how many levels it has; the first is level 1 (3.0-IV1).
_LEVELS: Final = (
    ("3.0", 1, 1), ("3.1", 0, 1), ("3.2", 0, 1), ("3.3", 0, 4), ("3.4", 0, 1), ("3.5", 0, 3), ("3.6", 0, 3),
    ("3.7", 0, 5), ("3.8", 0, 1), ("3.9", 0, 1), ("4.0", 0, 4), ("4.1", 0, 2), ("4.2", 0, 2), ("4.3", 0, 1),
    ("4.4", 0, 3), ("4.5", 0, 1),
)  # fmt: skip
_RELEASES: Final = tuple(
    (release, f"{release}-IV{first + step}") for release, first, count in _LEVELS for step in range(count)
)


def release_of(level: int) -> str | None:
    """The release that a level of metadata.version came with ("4.4"), or the last one known here if that is newer."""
    return _RELEASES[min(level, len(_RELEASES)) - 1][0] if level > 0 else None


def feature_word(name: str, level: int | None) -> str | None:
    """A level as Kafka's tools name it: 33 of metadata.version is "4.4-IV2"; any other level is its number."""
    if level is None:
        return None
    if name == METADATA_VERSION and 0 < level <= len(_RELEASES):
        return _RELEASES[level - 1][1]
    return str(level)


def features_of(answers: Mapping[int, Any]) -> tuple[Feature, ...]:
    """Every feature, from each broker's ApiVersions or error. The newest finalized levels count: a broker that lags
    behind in reading metadata tells older ones.
    """
    told = {broker: answer for broker, answer in answers.items() if not isinstance(answer, ClusterError)}
    if not told:
        return ()
    newest = max(told.values(), key=lambda answer: answer.finalized_features_epoch or -1)
    finalized = {row.name: row.max_version_level for row in newest.finalized_features or ()}
    supported: dict[str, dict[int, tuple[int, int]]] = {name: {} for name in finalized}
    for broker, answer in sorted(told.items()):
        for row in answer.supported_features or ():
            supported.setdefault(row.name, {})[broker] = (row.min_version, row.max_version)
    return tuple(_feature(name, finalized.get(name), supported[name]) for name in sorted(supported))


def _feature(name: str, finalized: int | None, supported: Mapping[int, tuple[int, int]]) -> Feature:
    """The range that all brokers share which know the feature at all."""
    least = max((low for low, _ in supported.values()), default=None)
    most = min((high for _, high in supported.values()), default=None)
    return Feature(name, finalized, least, most, supported)
