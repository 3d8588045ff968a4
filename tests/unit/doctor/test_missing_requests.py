"""What a release does not take, by the requests that it offers."""

from __future__ import annotations

import pytest
from kafka.protocol.broker_version_data import BROKER_API_VERSIONS  # type: ignore[import-untyped]

from kafkaview.doctor.missing_requests import lost_features


@pytest.mark.parametrize(
    ("release", "lost"),
    [
        ((3, 0), set()),
        ((2, 8), {"open transactions", "hanging transactions"}),
        ((2, 4), {"open transactions", "hanging transactions", "re-routes", "SCRAM users", "quotas"}),
    ],
)
def test_each_release_lacks_what_came_after_it(release: tuple[int, int], lost: set[str]) -> None:
    assert set(lost_features(BROKER_API_VERSIONS[release])) == lost


def test_groups_are_seen_from_1_0_on() -> None:
    lost = lost_features(BROKER_API_VERSIONS[1, 0])
    assert not {"lists of groups", "members of groups", "committed offsets", "ends of logs"} & set(lost)
