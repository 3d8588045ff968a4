"""The files that settings name: paths, or `file:` URLs as Java's applications write them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit


def typed_path(text: str) -> Path:
    """Returns the path of a file as somebody types it: `~` is their folder, and `~NAME` that of a user who is known."""
    try:
        return Path(text).expanduser()
    except RuntimeError:  # of a user who is not: the path is said to be missing where it is read
        return Path(text)


def absolute_path(location: str) -> str:
    """Returns the whole path of a file. Raises ValueError where a URL names another machine."""
    if not location.lower().startswith("file:"):
        return str(typed_path(location).absolute())
    url = urlsplit(location)
    if url.netloc not in ("", "localhost"):
        raise ValueError(f"{location} is a file of another machine. Name a file of this one: file:///PATH.")
    return str(Path(unquote(url.path)).absolute())
