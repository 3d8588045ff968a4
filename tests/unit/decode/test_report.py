from __future__ import annotations

import pytest

from kafkaview.decode.registry import parse_rule
from kafkaview.decode.report import try_decoders
from kafkaview.decode.suggest import suggest

LATIN = '{"customer":"c-0731","name":"René Faure","amount":42}'.encode("latin-1")


def test_the_report_reads_as_in_the_picture() -> None:
    assert [(row.title, row.fits, row.text) for row in try_decoders(LATIN)] == [
        ("UTF-8", False, "byte 32: E9 opens a 3-byte character, 20 cannot follow it"),
        ("JSON", False, "needs UTF-8"),
        ("ISO-8859-1", True, "reads as “René Faure”: likely what the producer wrote"),
    ]


def test_the_chosen_decoder_is_in_the_report_once() -> None:
    chosen = parse_rule("max-bytes:10")
    assert [row.title for row in try_decoders(b"{}", chosen=chosen)] == ["UTF-8", "JSON", "at most 10 bytes"]
    assert [row.title for row in try_decoders(b"{}", chosen=parse_rule("json"))] == ["UTF-8", "JSON"]


def test_windows_1252_is_named_by_its_own_signs() -> None:
    suggestion = suggest("café 5 €".encode("cp1252"))
    assert suggestion is not None
    assert (suggestion.decoder, "“café 5 €”" in suggestion.text) == ("Windows-1252", True)


@pytest.mark.parametrize(
    "data",
    [
        "René".encode(),  # good as it is
        b"Ren\xc3",  # cut off inside a character
        "Zoë ".encode() + b"Ren\xe9 F",  # UTF-8 elsewhere
        b"\x00\x05\xe9\xa0\x81\x02",  # binary
    ],
)
def test_no_reading_is_suggested_where_none_is_likely(data: bytes) -> None:
    assert suggest(data) is None
