"""What went wrong, in the one shape that window and command line show: what happened, and what to do."""

from __future__ import annotations


class Failure(Exception):
    """`message` says what happened, `hint` what to do. `kind` is the word that `--json` prints, `exit_code` what the
    command line ends with (cli contract).
    """

    kind = "failed"
    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
