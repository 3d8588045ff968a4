"""Feature flags: release names, and what each broker supports."""

from __future__ import annotations

import pytest
from kafka.protocol.metadata import ApiVersionsResponse  # type: ignore[import-untyped]

from kafkaview.cluster.errors import Unreachable
from kafkaview.cluster.kafka.features import features_of
from kafkaview.cluster.ports.feature_levels import METADATA_VERSION, feature_word, release_of


@pytest.mark.parametrize(
    ("level", "word"),
    [
        (1, "3.0-IV1"),
        (7, "3.3-IV3"),
        (19, "3.7-IV4"),
        (21, "3.9-IV0"),
        (25, "4.0-IV3"),
        (29, "4.2-IV1"),
        (33, "4.4-IV2"),
    ],
)
def test_a_level_of_the_metadata_version_has_its_releases_name(level: int, word: str) -> None:
    assert feature_word(METADATA_VERSION, level) == word
    assert release_of(level) == word.split("-", maxsplit=1)[0]


def test_a_feature_level_newer_than_known_keeps_its_number() -> None:
    assert (feature_word(METADATA_VERSION, 99), release_of(99)) == ("99", "4.5")
    assert (feature_word("kraft.version", 1), feature_word("kraft.version", None)) == ("1", None)


def answer(epoch: int, finalized: int, most: int) -> ApiVersionsResponse:
    supported = ApiVersionsResponse.SupportedFeatureKey(name=METADATA_VERSION, min_version=7, max_version=most)
    final = ApiVersionsResponse.FinalizedFeatureKey(
        name=METADATA_VERSION, min_version_level=finalized, max_version_level=finalized
    )
    return ApiVersionsResponse(
        supported_features=[supported], finalized_features=[final], finalized_features_epoch=epoch
    )


def test_a_broker_of_an_older_release_narrows_the_range_and_stands_out() -> None:
    answers = {1: answer(9, 30, 33), 2: answer(8, 29, 30), 3: Unreachable("gone")}
    (feature,) = features_of(answers)
    assert (feature.finalized, feature.minimum, feature.maximum) == (30, 7, 30)
    assert feature.supported == {1: (7, 33), 2: (7, 30)}


def test_without_an_answer_no_feature_is_listed() -> None:
    assert features_of({1: Unreachable("gone")}) == ()
