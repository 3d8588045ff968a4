"""The files that settings name: paths, or `file:` URLs as Java's applications write them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit


def absolute_path(location: str) -> str:
    """Returns the whole path of a file. Raises ValueError where a URL names another machine."""
    if not location.lower().startswith("file:"):
        return str(Path(location).expanduser().absolute())
    url = urlsplit(location)
    if url.netloc not in ("", "localhost"):
        raise ValueError(f"{location} is a file of another machine. Name a file of this one: file:///PATH.")
    return str(Path(unquote(url.path)).absolute())
