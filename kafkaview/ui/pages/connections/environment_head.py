"""The head of a section in the list of connections."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EnvironmentHead:
    """Its title is the environment."""

    title: str
