"""The wish to end a long write early."""

from __future__ import annotations


class Stopping:
    """Whether the user wants a write to end: after its present transaction, or while its plan is still made."""

    def __init__(self) -> None:
        self.wanted = False

    def ask(self) -> None:
        """Ends it."""
        self.wanted = True
