"""The core runs where there is no Qt: here it cannot be imported."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

_QT = ("PySide6", "shiboken6", "qasync")


class NoQt:
    """Finds no Qt."""

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] in _QT:
            raise ModuleNotFoundError(f"{name} is kept from the unit suite: the core knows no Qt", name=name)
        return None


def pytest_configure(config: pytest.Config) -> None:
    """Unless pytest-qt has it already: then all suites run in one process."""
    if not config.pluginmanager.has_plugin("pytest-qt"):
        sys.meta_path.insert(0, NoQt())
