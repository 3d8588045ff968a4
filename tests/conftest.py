"""What every suite shares."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def tmp_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own: the user's journal stays as it is."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path
