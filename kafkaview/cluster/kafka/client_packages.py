"""Imported before anything of the client libraries: parts of their packages are loaded without their `__init__` then.
kafka-python's clients take 0.2 s, and those of confluent-kafka load asyncio, which a process that reads has no use for.
Any name of a package is still loaded on first use.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any


def _spare(name: str, core: str = "") -> None:
    """Puts a package in place that runs its `__init__` when it is asked for a name that the module `core` lacks."""
    spec = find_spec(name)
    if name in sys.modules or spec is None or spec.loader is None:
        return
    package, loader = ModuleType(name, spec.name), spec.loader
    package.__spec__, package.__path__ = spec, list(spec.submodule_search_locations or ())

    def load(wanted: str) -> Any:
        if core and hasattr(import_module(core), wanted):
            return getattr(import_module(core), wanted)
        package.__dict__.pop("__getattr__", None)
        loader.exec_module(package)
        return getattr(package, wanted)

    package.__dict__["__getattr__"] = load
    sys.modules[name] = package


_spare("kafka")
if sys.platform != "win32":  # there its `__init__` says where the libraries are
    _spare("confluent_kafka", "confluent_kafka.cimpl")
