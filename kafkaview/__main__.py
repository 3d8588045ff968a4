"""`python -m kafkaview` and `kafkaview`: a verb on the command line, else the window."""

from __future__ import annotations

import sys

from kafkaview.cli.main import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
