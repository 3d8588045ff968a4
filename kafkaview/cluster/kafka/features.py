"""Feature flags (KIP-584): the finalized level of the cluster, and the levels that each broker supports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kafkaview.cluster.damage import rows_of, text_of
from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.coordination import Feature


def features_of(answers: Mapping[int, Any]) -> tuple[Feature, ...]:
    """Returns every feature, from each broker's ApiVersions or error. The newest finalized levels are taken: a broker
    that is behind in the metadata log reports older ones.
    """
    versions = {broker: answer for broker, answer in answers.items() if not isinstance(answer, ClusterError)}
    if not versions:
        return ()
    newest = max(versions.values(), key=lambda answer: answer.finalized_features_epoch or -1)
    finalized = {text_of(row.name): row.max_version_level for row in rows_of(newest.finalized_features)}
    supported: dict[str, dict[int, tuple[int, int]]] = {name: {} for name in finalized}
    for broker, answer in sorted(versions.items()):
        for row in rows_of(answer.supported_features):
            supported.setdefault(text_of(row.name), {})[broker] = (row.min_version, row.max_version)
    return tuple(_feature(name, finalized.get(name), supported[name]) for name in sorted(supported))


def _feature(name: str, finalized: int | None, supported: Mapping[int, tuple[int, int]]) -> Feature:
    """Returns a feature with the range that all brokers which know it support."""
    least = max((low for low, _ in supported.values()), default=None)
    most = min((high for _, high in supported.values()), default=None)
    return Feature(name, finalized, least, most, supported)
