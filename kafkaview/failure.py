"""The base of all errors, in the form that window and command line show: what happened, and what to do."""

from __future__ import annotations


class Failure(Exception):
    """An error for the user. `message` says what happened, `hint` what to do. `kind` is its word in `--json`,
    `exit_code` the exit code of the command line (cli contract).
    """

    kind = "failed"
    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
