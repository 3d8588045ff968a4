"""The choices of decoders that are kept for a connection."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kafkaview.decode.choices import DecoderChoice, DecoderChoices
from kafkaview.decode.topics import TopicDecoders
from kafkaview.profiles.errors import StoreUnavailable
from tests.kit.fake_cluster import FakeCluster
from tests.unit.decode.registered import ORDER


def test_each_connection_keeps_its_own(tmp_path: Path) -> None:
    file = tmp_path / "decoders.toml"
    one, other = DecoderChoices("a", file), DecoderChoices("b", file)
    one.keep("orders", DecoderChoice("utf8", "registry"))
    one.keep("odd \"topic'.é", DecoderChoice(value="hex"))
    other.keep("orders", DecoderChoice(value="json"))
    assert DecoderChoices("a", file).get("orders") == DecoderChoice("utf8", "registry")
    assert one.get("odd \"topic'.é") == DecoderChoice(None, "hex")
    assert other.get("orders") == DecoderChoice(None, "json")
    one.keep("orders", DecoderChoice())
    assert one.get("orders") is None
    assert other.get("orders") == DecoderChoice(None, "json")


@pytest.mark.parametrize("content", ["", "nonsense", "a = 1", "[a]\norders = 7", "[a.orders]\nkey = 7", "\xff"])
def test_a_file_that_does_not_serve_holds_no_choice(tmp_path: Path, content: str) -> None:
    file = tmp_path / "decoders.toml"
    file.write_bytes(content.encode("latin-1"))
    assert DecoderChoices("a", file).get("orders") in (None, DecoderChoice())
    DecoderChoices("a", file).keep("orders", DecoderChoice("utf8"))
    assert DecoderChoices("a", file).get("orders") == DecoderChoice("utf8")


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="The choice of a decoder cannot be kept"):
        DecoderChoices("a", tmp_path / "file" / "decoders.toml").keep("orders", DecoderChoice("utf8"))


async def test_a_topic_remembers_its_choice_in_later_sessions(tmp_path: Path) -> None:
    schema, file = tmp_path / "order.avsc", tmp_path / "decoders.toml"
    schema.write_text(json.dumps(ORDER))
    cluster = FakeCluster()
    cluster.add_topic("orders")
    first = TopicDecoders(choices=DecoderChoices("a", file))
    await first.remember("orders", DecoderChoice("uuid", f"avro:{schema}"))
    later = await TopicDecoders(choices=DecoderChoices("a", file)).of(cluster, "orders")
    assert later.decoder is not None
    assert later.keys is not None
    assert (later.decoder.name, later.keys.name, later.how) == (
        f"avro:{schema}", "uuid", "Avro order.avsc, as chosen"
    )  # fmt: skip
    schema.unlink()
    without = await TopicDecoders(choices=DecoderChoices("a", file)).of(cluster, "orders")
    assert without.decoder is None
    assert "the choice that is kept for it does not hold: cannot read the schema" in without.how
