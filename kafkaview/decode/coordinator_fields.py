"""The fields of Kafka's own messages, as its definitions lay them out: plain and flexible versions, nullable and tagged
fields (KIP-482).
"""

from __future__ import annotations

import base64
import struct
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from kafkaview.decode.walk import Fault, Walk, float_text, left_over, read_number, text_of

_NUMBERS: Final = {
    "int8": ">b",
    "int16": ">h",
    "uint16": ">H",
    "int32": ">i",
    "uint32": ">I",
    "int64": ">q",
    "float64": ">d",
}
_NULL_ID: Final = uuid.UUID(int=0)
_NULL_STRUCTS: Final = (b"\xff", b"\x00")  # in its place, and as a tagged field
_MOST_NUMBER_BYTES: Final = 5
_Field = Mapping[str, Any]


def in_versions(version: int, versions: str | None) -> bool:
    """Returns whether a version is among those of a definition: `3`, `1-4`, `2+` or `none`."""
    if versions is None or versions == "none":
        return False
    first, dash, last = versions.removesuffix("+").partition("-")
    if versions.endswith("+"):
        return version >= int(first)
    return int(first) <= version <= int(last if dash else first)


def read_struct(walk: Walk, fields: Sequence[_Field], version: int, layout: Mapping[str, Any]) -> None:
    """Reads the fields that a version has, and its tagged fields."""
    walk.enter()
    flexible = in_versions(version, layout["flexibleVersions"])
    there = [one for one in fields if in_versions(version, _versions(one))]
    tagged = {one["tag"]: one for one in there if in_versions(version, one.get("taggedVersions"))}
    separator = "{"
    for one in there:
        if "tag" not in one or one["tag"] not in tagged:
            walk.out.append(f"{separator}{text_of(_name(one))}:")
            separator = ","
            _read_field(walk, one, version, layout, flexible=flexible)
    for _ in range(_read_unsigned(walk, "the number of tagged fields") if flexible else 0):
        walk.out.append(separator)
        separator = ","
        _read_tagged(walk, tagged, version, layout)
    walk.out.append("{}" if separator == "{" else "}")
    walk.depth -= 1


def _versions(one: _Field) -> str:
    """Returns the versions that have a field; definitions leave them out where all have it, or say only the tagged."""
    found: str = one.get("versions") or one.get("taggedVersions") or "0+"
    return found


def _name(one: _Field) -> str:
    name: str = one["name"]
    return name[0].lower() + name[1:]


def _read_tagged(walk: Walk, tagged: Mapping[int, _Field], version: int, layout: Mapping[str, Any]) -> None:
    tag = _read_unsigned(walk, "the tag of a field")
    start = walk.at
    size = _read_unsigned(walk, f"the size of the tagged field {tag}")
    if size > walk.end - walk.at:
        raise Fault(start, f"the tagged field {tag} has a length of {size:,}, {left_over(walk.end - walk.at)}")
    if tag not in tagged:
        walk.out.append(f'"tag {tag}":"{base64.b64encode(walk.take(size, "a tagged field")).decode()}"')
        return
    end, walk.end = walk.end, walk.at + size
    walk.out.append(f"{text_of(_name(tagged[tag]))}:")
    _read_field(walk, tagged[tag], version, layout, flexible=True)
    if walk.at != walk.end:
        raise Fault(walk.at, f"the tagged field {tag} has ended, {left_over(walk.end - walk.at)}")
    walk.end = end


def _read_field(walk: Walk, one: _Field, version: int, layout: Mapping[str, Any], *, flexible: bool) -> None:
    nullable = in_versions(version, one.get("nullableVersions"))
    try:
        _read_type(walk, one["type"], one, version, layout, flexible=flexible, nullable=nullable)
    except Fault as fault:
        fault.path.append(f".{_name(one)}")
        raise


def _read_type(
    walk: Walk, of: str, one: _Field, version: int, layout: Mapping[str, Any], *, flexible: bool, nullable: bool
) -> None:
    if of.startswith("[]"):
        _read_array(walk, of[2:], one, version, layout, flexible=flexible, nullable=nullable)
    elif of in _NUMBERS:
        number = struct.unpack(_NUMBERS[of], walk.take(struct.calcsize(_NUMBERS[of]), one["name"]))[0]
        walk.out.append(float_text(number, "d") if isinstance(number, float) else str(number))
    elif of == "bool":
        walk.out.append("true" if walk.take(1, one["name"])[0] else "false")
    elif of == "uuid":
        found = uuid.UUID(bytes=walk.take(16, one["name"]))
        walk.out.append("null" if found == _NULL_ID else f'"{_id_text(found)}"')
    elif of in ("string", "bytes", "records"):
        _read_bytes(walk, of, one, flexible=flexible, nullable=nullable)
    elif nullable and walk.take(1, one["name"]) in _NULL_STRUCTS:
        walk.out.append("null")
    else:
        read_struct(walk, one.get("fields") or layout["structs"][of], version, layout)


def _id_text(found: uuid.UUID) -> str:
    """Returns an id of a topic or directory as Kafka writes it."""
    return base64.urlsafe_b64encode(found.bytes).decode().rstrip("=")


def _read_array(
    walk: Walk, of: str, one: _Field, version: int, layout: Mapping[str, Any], *, flexible: bool, nullable: bool
) -> None:
    count = _read_count(walk, one, ">i", flexible=flexible, nullable=nullable)
    if count is None:
        walk.out.append("null")
        return
    walk.out.append("[")
    for place in range(count):
        walk.step()
        walk.out.append("," if place else "")
        _read_type(walk, of, one, version, layout, flexible=flexible, nullable=False)
    walk.out.append("]")


def _read_bytes(walk: Walk, of: str, one: _Field, *, flexible: bool, nullable: bool) -> None:
    size = _read_count(walk, one, ">h" if of == "string" else ">i", flexible=flexible, nullable=nullable)
    if size is None:
        walk.out.append("null")
        return
    start = walk.at
    data = walk.take(size, one["name"])
    if of != "string":
        walk.out.append(f'"{base64.b64encode(data).decode()}"')
        return
    try:
        walk.out.append(text_of(data.decode()))
    except UnicodeDecodeError as error:
        raise Fault(start + error.start, "it is in a string and not UTF-8", error.end - error.start) from None


def _read_count(walk: Walk, one: _Field, packed: str, *, flexible: bool, nullable: bool) -> int | None:
    """Returns how many bytes or items follow; None for null."""
    start, what = walk.at, f"the length of {one['name']}"
    if flexible:
        count = _read_unsigned(walk, what) - 1
    else:
        count = struct.unpack(packed, walk.take(struct.calcsize(packed), what))[0]
    if count == -1 and nullable:
        return None
    if not 0 <= count <= walk.end - walk.at:
        raise Fault(start, f"{one['name']} has a length of {count:,}, {left_over(walk.end - walk.at)}", walk.at - start)
    return int(count)


def _read_unsigned(walk: Walk, what: str) -> int:
    """Returns the next number of the flexible versions, of up to 32 bits."""
    return read_number(walk, what, _MOST_NUMBER_BYTES)
