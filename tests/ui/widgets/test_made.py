"""Parts that are made when they are first asked for."""

from __future__ import annotations

import pytest

from kafkaview.ui.kit.lazy_parts import Made


def test_a_part_is_made_once_and_only_when_it_is_looked_up() -> None:
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name.upper()

    parts = Made(("quorum", "brokers"), make)
    assert "quorum" in parts
    assert list(parts) == ["quorum", "brokers"]
    assert not made
    assert parts["brokers"] == parts["brokers"] == "BROKERS"
    assert made == ["brokers"]
    assert dict(parts.made) == {"brokers": "BROKERS"}
    with pytest.raises(KeyError):
        parts["zookeeper"]
