"""Whether there is a screen for a window. Qt aborts if there is none, so the program says it in a sentence first."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping


def why_no_display(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str:
    """Returns why no window can be opened here; empty if one can."""
    if not platform.startswith("linux") or environ.get("QT_QPA_PLATFORM") or environ.get("WAYLAND_DISPLAY"):
        return ""
    display = environ.get("DISPLAY", "")
    way = "The command line needs none: kafkaview --help, or kafkaview demo --tour for the main job."
    if not display:
        return f"No display: neither DISPLAY nor WAYLAND_DISPLAY is set, so no window can be opened. {way}"
    if display.startswith(":") and not _listens(display[1:].split(".")[0]):
        return f"No display: nothing answers at DISPLAY={display}, so no window can be opened. {way}"
    return ""


def _listens(number: str) -> bool:
    path = f"/tmp/.X11-unix/X{number}"  # noqa: S108  # where every X server listens
    for address in (f"\0{path}", path):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(address)
            except OSError:
                continue
            return True
    return False
