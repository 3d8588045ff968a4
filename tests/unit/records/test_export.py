"""Records as lines of a file."""

from __future__ import annotations

import csv
import io
import json
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.fields import read_json
from kafkaview.records import export_file
from kafkaview.records.decoding import ValueReading
from kafkaview.records.export import (
    COLUMNS,
    ExportFormat,
    JoinedValues,
    csv_head,
    csv_line,
    line_document,
    parse_delimiter,
)
from kafkaview.records.export_file import ExportProgress, ExportRequest, export_records
from kafkaview.records.request import ReadRequest
from kafkaview.session import Session
from kafkaview.terms import Header, Record, TimestampType
from tests.kit.fake_cluster import FakeCluster

RECORD = Record("t", 0, 7, None, TimestampType.CREATE_TIME, None, b"", (Header("a", b"\xff"),))


def line_of(record: Record, *, neutralize: bool = False) -> str:
    return csv_line(line_document(record, ValueReading()), neutralize_formulas=neutralize)


def fields_of(line: str) -> dict[str, str]:
    (row,) = csv.reader(io.StringIO(line), strict=True)
    return dict(zip(COLUMNS, row, strict=True))


def test_null_and_empty_differ_in_csv() -> None:
    assert line_of(RECORD).startswith('t,0,7,,CreateTime,,,"","",')
    assert csv_head() == ",".join(COLUMNS) + "\r\n"


@pytest.mark.parametrize("text", ['a "quoted" one', "two\r\nlines", "a,b", " blank ", "plain", "=1+1", "René"])
def test_a_text_comes_back_from_csv_as_it_was(text: str) -> None:
    line = line_of(Record("t", 0, 7, 5, TimestampType.CREATE_TIME, b"k", text.encode()))
    assert line.endswith("\r\n")
    assert fields_of(line)["value"] == text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\tx"])
def test_a_formula_is_neutralized_on_request_alone(text: str) -> None:
    record = Record("t", 0, 7, 5, TimestampType.CREATE_TIME, b"k", text.encode())
    assert fields_of(line_of(record, neutralize=True))["value"] == f"'{text}"
    assert fields_of(line_of(record))["value"] == text


async def export(session: Session, request: ExportRequest) -> ExportProgress:
    async with aclosing(export_records(session, request)) as steps:
        return [progress async for progress in steps][-1]


@pytest.mark.parametrize("format_", ExportFormat)
async def test_a_range_is_exported_whole(session: Session, tmp_path: Path, format_: ExportFormat) -> None:
    path = tmp_path / "orders"
    progress = await export(session, ExportRequest(ReadRequest("orders", limit=None), path, format_))
    assert (progress.written, progress.ended, progress.read.complete) == (120, True, True)
    text = path.read_bytes().decode()
    assert progress.size == len(text.encode())
    if format_ is ExportFormat.RAW:
        assert sorted(json.loads(line)["n"] for line in text.splitlines()) == list(range(120))
        assert progress.notes == ()
    elif format_ is ExportFormat.JSON:
        assert sorted(json.loads(json.loads(line)["value"])["n"] for line in text.splitlines()) == list(range(120))
    else:
        assert len(list(csv.reader(io.StringIO(text, newline="")))) == 121


def values(*values: bytes | None) -> list[Record]:
    return [Record("t", 0, 7, 5, TimestampType.CREATE_TIME, None, value) for value in values]


def test_values_are_joined_byte_for_byte_and_what_cannot_be_told_apart_is_said() -> None:
    joined = JoinedValues()
    assert joined.join(values(b"\xff\x00", b"", b"a")) == b"\xff\x00\n\na\n"
    assert not joined.notes
    assert joined.join(values(b"a\nb", None)) == b"a\nb\n\n"
    assert joined.notes == (
        "1 value holds the delimiter: they look like several",
        "1 value is null: they look like empty ones",
    )
    assert JoinedValues(b"").join(values(b"a", b"b")) == b"ab"


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        (r"\n", b"\n"),
        (r"\r\n", b"\r\n"),
        (r"\x1F", b"\x1f"),
        (r"\\n", rb"\n"),
        ("é", "é".encode()),
        (r"\0\t", b"\0\t"),
        ("\udcff", b"\xff"),
        ("", b""),
    ],
)
def test_a_delimiter_is_written_with_escapes(text: str, delimiter: bytes) -> None:
    assert parse_delimiter(text) == delimiter


@pytest.mark.parametrize("text", [r"\q", r"\x1", "\\", r"\é"])
def test_an_unknown_escape_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no escape"):
        parse_delimiter(text)


async def test_an_export_of_a_search_holds_the_matches(session: Session, tmp_path: Path) -> None:
    request = ReadRequest("orders", where="value.n >= 100", limit=None)
    progress = await export(session, ExportRequest(request, tmp_path / "orders"))
    assert progress.written == 20


async def test_named_records_are_exported_and_no_others(session: Session, tmp_path: Path) -> None:
    request = ReadRequest("orders", limit=None, offsets={0: (3, 7), 2: (39,), 1: (400,)})
    progress = await export(session, ExportRequest(request, tmp_path / "orders"))
    lines = [json.loads(line) for line in (tmp_path / "orders").read_text(encoding="utf-8").splitlines()]
    assert sorted((line["partition"], line["offset"]) for line in lines) == [(0, 3), (0, 7), (2, 39)]
    assert (progress.written, progress.read.total) == (3, 6)


async def test_an_export_that_is_cut_off_leaves_no_file_and_the_old_one_as_it_was(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    path = tmp_path / "orders"
    path.write_text("old")
    async with aclosing(export_records(session, ExportRequest(ReadRequest("orders", limit=None), path))) as steps:
        await anext(steps)
    cluster.failures["read"] = Unreachable("no answer")
    with pytest.raises(ClusterError):
        await export(session, ExportRequest(ReadRequest("orders", limit=None), path))
    assert [one.name for one in tmp_path.iterdir() if "orders" in one.name] == ["orders"]
    assert path.read_text() == "old"


@pytest.mark.parametrize("format_", [ExportFormat.JSON, ExportFormat.CSV])
async def test_the_name_of_a_decoders_file_that_is_no_text_is_exported(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_: ExportFormat
) -> None:
    async def reader(*_: Any) -> Any:
        return lambda records: [ValueReading("v", "python:/\udcff.py")] * len(records)

    monkeypatch.setattr(export_file, "value_reader", reader)
    path = tmp_path / "orders"
    assert (await export(session, ExportRequest(ReadRequest("orders", limit=None), path, format_))).written == 120
    text = path.read_bytes().decode()
    if format_ is ExportFormat.JSON:
        assert {read_json(line)["decoder"] for line in text.splitlines()} == {"python:/\udcff.py"}
    else:
        assert text.count(r"python:/\udcff.py") == 120
