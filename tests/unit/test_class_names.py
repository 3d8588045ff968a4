"""A class has its name alone: who reads it in a traceback or searches for it finds one."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_two_classes_of_the_product_share_a_name_with_or_without_an_underscore() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "kafkaview").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name.lstrip("_")].append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
