from __future__ import annotations

from kafkaview.decode.topics import infer_decoder


def test_json_is_inferred_in_spite_of_a_few_poison_records() -> None:
    inferred = infer_decoder([b'{"a": 1}'] * 39 + [b'{"a": '])
    assert inferred.decoder is not None
    assert (inferred.decoder.name, inferred.how) == ("json", "39 of 40 sampled records are JSON")


def test_bare_numbers_are_text() -> None:
    inferred = infer_decoder([b"12"] * 9 + [b"n/a"])
    assert inferred.decoder is not None
    assert inferred.decoder.name == "utf8"


def test_small_avro_is_not_taken_for_text() -> None:
    assert infer_decoder([b"\x00\x00\x00\x00\x07\x02a"] * 10).decoder is None


def test_a_topic_of_mixed_formats_has_no_rule() -> None:
    assert infer_decoder([b'{"a": 1}'] * 6 + [b"\xff\xfe"] * 4).decoder is None


def test_a_topic_without_values_has_no_rule() -> None:
    assert infer_decoder([]).decoder is None
