"""The levels of feature flags (KIP-584) as Kafka's own tools name them."""

from __future__ import annotations

from typing import Final

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
    """Returns the release that introduced a level of metadata.version ("4.4"); the last one known here for a newer
    level.
    """
    return _RELEASES[min(level, len(_RELEASES)) - 1][0] if level > 0 else None


def feature_word(name: str, level: int | None) -> str | None:
    """Returns a level as Kafka's tools name it: 33 of metadata.version is "4.4-IV2"; any other level is its number."""
    if level is None:
        return None
    if name == METADATA_VERSION and 0 < level <= len(_RELEASES):
        return _RELEASES[level - 1][1]
    return str(level)
