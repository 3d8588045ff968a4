"""Kafka's negative numbers that mean "none"."""

from __future__ import annotations


def none_if_negative(number: int | None) -> int | None:
    """Returns the number of an answer, and None for a field that is absent or -1."""
    return None if number is None or number < 0 else number
