"""Filters are kept for each topic of a connection."""

from __future__ import annotations

from pathlib import Path

import pytest

from kafkaview.profiles.errors import StoreUnavailable
from kafkaview.records.saved_filters import SavedFilters, TopicFilters


def test_each_topic_of_each_connection_has_its_own(tmp_path: Path) -> None:
    file = tmp_path / "filters.toml"
    one, other = SavedFilters("a", file), SavedFilters("b", file)
    one.save("orders", "late", "value.late")
    one.save("orders", "a \"name'.é", 'value.a == "b"')
    one.save("odd.topic", "late", "true")
    assert other.get("orders") == TopicFilters()
    assert SavedFilters("a", file).get("orders").saved == {"a \"name'.é": 'value.a == "b"', "late": "value.late"}
    one.save("orders", "late", "value.later")
    one.forget("orders", "a \"name'.é")
    assert one.get("orders").saved == {"late": "value.later"}
    one.forget("orders", "late")
    assert one.get("orders") == TopicFilters()
    assert one.get("odd.topic").saved == {"late": "true"}


def test_the_last_ones_used_are_kept_each_once_the_newest_first(tmp_path: Path) -> None:
    filters = SavedFilters("a", tmp_path / "filters.toml")
    for number in range(20):
        filters.use("orders", f"offset == {number}")
    filters.use("orders", "offset == 15")
    recent = filters.get("orders").recent
    assert recent[:3] == ("offset == 15", "offset == 19", "offset == 18")
    assert len(recent) == len(set(recent)) == 10


@pytest.mark.parametrize("content", ["nonsense", "[a]\norders = 7", "[a.orders]\nsaved = 7\nrecent = [7]", "\xff"])
def test_a_file_that_does_not_serve_holds_no_filter(tmp_path: Path, content: str) -> None:
    file = tmp_path / "filters.toml"
    file.write_bytes(content.encode("latin-1"))
    filters = SavedFilters("a", file)
    assert filters.get("orders") == TopicFilters()
    filters.save("orders", "late", "true")
    assert filters.get("orders").saved == {"late": "true"}


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="The filter cannot be kept"):
        SavedFilters("a", tmp_path / "file" / "filters.toml").save("orders", "late", "true")
