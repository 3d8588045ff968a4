"""The package kafka-python, imported without its clients."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Any


def spare_clients() -> None:
    """Imports parts of kafka-python without its `__init__`, whose clients take 0.2 s that no command needs. Any name of
    the package is still loaded on first use.
    """
    spec = find_spec("kafka")
    if "kafka" in sys.modules or spec is None or spec.loader is None:
        return
    package, loader = ModuleType("kafka", spec.name), spec.loader
    package.__spec__, package.__path__ = spec, list(spec.submodule_search_locations or ())

    def load_whole(name: str) -> Any:
        del package.__dict__["__getattr__"]
        loader.exec_module(package)
        return getattr(package, name)

    package.__dict__["__getattr__"] = load_whole
    sys.modules["kafka"] = package
