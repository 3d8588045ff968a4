"""Offsets of one partition as bits, in blocks of fixed size, so that any set of them has a bounded length as text."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

BLOCK_OFFSETS: Final = 16_384  # the bits of a block, compressed and as text, have at most 2,574 characters
_BYTES: Final = BLOCK_OFFSETS // 8


@dataclass(slots=True)
class OffsetSet:
    """A set of offsets. It grows and never shrinks."""

    _blocks: dict[int, bytearray] = field(default_factory=dict)

    @classmethod
    def of(cls, offsets: Iterable[int]) -> OffsetSet:
        """Returns the set of these offsets."""
        made = cls()
        for offset in offsets:
            made.add(offset)
        return made

    def __contains__(self, offset: object) -> bool:
        assert isinstance(offset, int)
        bits = self._blocks.get(offset // BLOCK_OFFSETS)
        if bits is None:
            return False
        place = offset % BLOCK_OFFSETS
        return bool(bits[place >> 3] & 1 << (place & 7))

    def __len__(self) -> int:
        return sum(int.from_bytes(bits, "little").bit_count() for bits in self._blocks.values())

    def __iter__(self) -> Iterator[int]:
        """Yields the offsets in order."""
        for block in sorted(self._blocks):
            begin = block * BLOCK_OFFSETS
            for place, byte in enumerate(self._blocks[block]):
                if byte:
                    yield from (begin + place * 8 + bit for bit in range(8) if byte & 1 << bit)

    @property
    def blocks(self) -> list[int]:
        """The numbers of the blocks that hold an offset, in order."""
        return sorted(self._blocks)

    def add(self, offset: int) -> None:
        """Adds an offset."""
        place = offset % BLOCK_OFFSETS
        self._bits(offset // BLOCK_OFFSETS)[place >> 3] |= 1 << (place & 7)

    def copy(self) -> OffsetSet:
        """Returns the same set, which grows by itself."""
        return OffsetSet({block: bytearray(bits) for block, bits in self._blocks.items()})

    def update(self, other: OffsetSet) -> None:
        """Adds the offsets of another set."""
        for block, bits in other._blocks.items():
            self._merge(block, bits)

    def pack(self, block: int) -> str:
        """Returns the offsets of one block as ASCII text."""
        return base64.b85encode(zlib.compress(bytes(self._blocks.get(block, b"")), 9)).decode()

    def unpack(self, block: int, text: str) -> None:
        """Adds the offsets of a text of `pack`. Raises ValueError where it is none."""
        try:
            reading = zlib.decompressobj()
            bits = reading.decompress(base64.b85decode(text), _BYTES + 1)
        except zlib.error as error:
            raise ValueError(f"these are no offsets: {error}") from error
        if not reading.eof or len(bits) not in (0, _BYTES):
            raise ValueError("these are no offsets of one block")
        if bits:
            self._merge(block, bits)

    def document(self) -> dict[str, str]:
        """Returns the set as JSON: a text for each block."""
        return {str(block): self.pack(block) for block in self.blocks}

    @classmethod
    def read(cls, document: Mapping[str, str]) -> OffsetSet:
        """Returns the set of a document."""
        made = cls()
        for block, text in document.items():
            made.unpack(int(block), text)
        return made

    def _bits(self, block: int) -> bytearray:
        return self._blocks.setdefault(block, bytearray(_BYTES))

    def _merge(self, block: int, more: bytes | bytearray) -> None:
        bits = self._bits(block)
        both = int.from_bytes(bits, "little") | int.from_bytes(more, "little")
        bits[:] = both.to_bytes(_BYTES, "little")


def offsets_document(sets: Mapping[int, OffsetSet]) -> dict[str, dict[str, str]]:
    """Returns the sets of several partitions as JSON."""
    return {str(partition): offsets.document() for partition, offsets in sorted(sets.items())}


def read_offsets(document: Mapping[str, Mapping[str, str]]) -> dict[int, OffsetSet]:
    """Returns the sets of a document, by partition."""
    return {int(partition): OffsetSet.read(blocks) for partition, blocks in document.items()}


def count_offsets(sets: Mapping[int, OffsetSet]) -> int:
    """Returns how many offsets the sets of several partitions have."""
    return sum(map(len, sets.values()))


def blocks_of(partitions: Iterable[OffsetSet]) -> set[int]:
    """Returns the blocks in which the offsets of several partitions lie."""
    return {block for one in partitions for block in one.blocks}
