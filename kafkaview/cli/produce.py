"""`kafkaview records produce`: one record, from the options of a line."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from kafkaview.cli.writes import Write, write_verb
from kafkaview.clock import parse_time
from kafkaview.fields import read_json
from kafkaview.terms import Header
from kafkaview.writes.records.request import ProductionRequest

_Field = tuple[str | None, str | None, Path | None]  # text, base64, a file: one of them at most
_HEADER_FIELDS: Final = {"key", "value", "value_b64"}


@write_verb
def produce(
    topic: Annotated[str, typer.Argument(help="the topic")],
    *,
    partition: Annotated[
        int | None, typer.Option("--partition", min=0, help="the partition (default: the key's, as Java clients do)")
    ] = None,
    key: Annotated[str | None, typer.Option("--key", metavar="TEXT", help="the key (default: null)")] = None,
    key_b64: Annotated[str | None, typer.Option("--key-b64", metavar="BASE64", help="the key's bytes")] = None,
    key_file: Annotated[Path | None, typer.Option("--key-file", metavar="FILE", help="a file with the key")] = None,
    value: Annotated[str | None, typer.Option("--value", metavar="TEXT", help="the value")] = None,
    value_b64: Annotated[str | None, typer.Option("--value-b64", metavar="BASE64", help="the value's bytes")] = None,
    value_file: Annotated[
        Path | None, typer.Option("--value-file", metavar="FILE", help="a file with the value")
    ] = None,
    tombstone: Annotated[bool, typer.Option("--tombstone", help="a null value")] = False,
    header: Annotated[
        list[str] | None, typer.Option("--header", metavar="NAME=TEXT", help="a header; may be repeated")
    ] = None,
    headers: Annotated[
        str | None, typer.Option("--headers", metavar="JSON", help="all headers, as `records` prints them")
    ] = None,
    timestamp: Annotated[
        str | None, typer.Option("--timestamp", metavar="@TIME", help="the timestamp (default: the present time)")
    ] = None,
) -> Write:
    """Produce one record, and read it back. It has no undo."""
    from kafkaview.writes.records.production import plan_produce_record

    request = request_of(
        topic,
        partition=partition,
        keys=(key, key_b64, key_file),
        values=(value, value_b64, value_file),
        tombstone=tombstone,
        header=header or (),
        headers=headers,
        timestamp=timestamp,
    )
    return Write(lambda session: plan_produce_record(session, request))


def request_of(
    topic: str,
    *,
    partition: int | None,
    keys: _Field,
    values: _Field,
    tombstone: bool,
    header: Sequence[str],
    headers: str | None,
    timestamp: str | None,
) -> ProductionRequest:
    """Returns the record of the options. Raises BadParameter where they contradict each other or cannot be read."""
    if sum(one is not None for one in keys) > 1:
        raise typer.BadParameter("a record has one key: say --key, --key-b64 or --key-file")
    if sum(one is not None for one in values) + tombstone != 1:
        raise typer.BadParameter("say its value: --value, --value-b64, --value-file or --tombstone")
    if header and headers is not None:
        raise typer.BadParameter("--headers has all headers: leave --header out")
    return ProductionRequest(
        topic,
        _bytes("--key", *keys),
        _bytes("--value", *values),
        _parse_headers(headers) if headers is not None else tuple(map(_parse_header, header)),
        partition,
        _milliseconds(timestamp) if timestamp is not None else None,
        key_file=str(keys[2] or ""),
        value_file=str(values[2] or ""),
    )


def _bytes(option: str, text: str | None, encoded: str | None, file: Path | None) -> bytes | None:
    if text is not None:
        return _encode(option, text)
    if encoded is not None:
        return _decode(f"{option}-b64", encoded)
    if file is None:
        return None
    try:
        return file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{option}-file: {file} cannot be read: {error.strerror or error}") from error


def _encode(option: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # a byte of the line that is not UTF-8
        raise typer.BadParameter(f"{option}: the text is not UTF-8: say its bytes as base64") from None


def _decode(option: str, encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise typer.BadParameter(f"{option}: this is no base64: {error}") from None


def _parse_header(text: str) -> Header:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"--header takes NAME=TEXT, not '{text}'; --headers can say a null value")
    return Header(_encode("--header", name).decode(), _encode("--header", value))


def _parse_headers(text: str) -> tuple[Header, ...]:
    """Returns headers from JSON: a list of objects with `key` and `value_b64`, or `value` where that is text."""
    try:
        found = read_json(text)
    except ValueError as error:
        raise typer.BadParameter(f"--headers: this is no JSON: {error}") from None
    if not isinstance(found, list):
        raise typer.BadParameter("--headers takes a list of headers")
    return tuple(map(_header_of, found))


def _header_of(document: Any) -> Header:
    shown = 'a header is {"key": "NAME", "value": "TEXT"}, or with "value_b64" in its place'
    if not isinstance(document, dict) or not isinstance(document.get("key"), str) or document.keys() - _HEADER_FIELDS:
        raise typer.BadParameter(f"--headers: {shown}")
    key = _encode("--headers", document["key"]).decode()
    value = document.get("value_b64", document.get("value"))
    if value is None and document.keys() & {"value", "value_b64"}:
        return Header(key, None)
    if not isinstance(value, str):
        raise typer.BadParameter(f"--headers: {shown}")
    return Header(key, (_decode if "value_b64" in document else _encode)("--headers", value))


def _milliseconds(text: str) -> int:
    try:
        return parse_time(text.removeprefix("@"))
    except ValueError as error:
        raise typer.BadParameter(f"--timestamp: {error}") from error
