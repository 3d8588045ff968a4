"""A size limit of keys or values."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.decode.result import Decoded, Undecodable


@dataclass(frozen=True, slots=True)
class MaxBytes:
    """Accepts a value of at most `limit` bytes."""

    limit: int

    @classmethod
    def parse(cls, number: str, _content: str | None = None) -> MaxBytes:
        """Returns the decoder of a limit as it is written; ValueError says why it is none."""
        if not number.isdecimal():
            raise ValueError(f"max-bytes needs a whole number, not '{number}': max-bytes:N")
        return cls(int(number))

    @property
    def name(self) -> str:
        """The rule as it is written."""
        return f"max-bytes:{self.limit}"

    @property
    def title(self) -> str:
        """The rule in words."""
        return f"at most {self.limit:,} bytes"

    def problem(self, data: bytes, field: str = "value") -> Undecodable | None:
        """Returns the bytes beyond the limit."""
        if len(data) <= self.limit:
            return None
        reason = f"the {field} has {len(data):,} bytes, {self.limit:,} are allowed"
        return Undecodable(self.name, reason, self.limit, len(data) - self.limit, f"{len(data):,} bytes")

    def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:
        """Returns the size as a value."""
        return self.problem(data, field) or Decoded(self.name, len(data), f"{len(data):,} bytes")
