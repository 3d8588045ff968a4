"""The documents name what there is: files, classes and functions, commands, licences."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.kit.documents import ROOT, anchors, sections

DOCUMENTS: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PACKAGE: Final = ROOT / "kafkaview"
# As published by the Apache Software Foundation.
APACHE_2: Final = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
PLACE: Final = re.compile(r"(?:kafkaview|tests|docs|resources|packaging)/[\w./{},-]*|[A-Z]+(?:\.md)?|Makefile")
LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
TREES: Final = (("README.md", "The layout, as the way of a record"), ("docs/architecture.md", "The layout"))


def of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", DOCUMENTS, ids=of)
def test_every_link_leads_somewhere(path: Path) -> None:
    dead = []
    for link in LINK.findall(path.read_text(encoding="utf-8")):
        file, _, anchor = link.partition("#")
        if file.startswith(("http:", "https:", "mailto:")):
            continue
        target = path if not file else path.parent / file
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


@cache
def words_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def stands(place: str) -> bool:
    """Whether a file or folder is there, and in it the class, and in that the function, that `FILE:NAME` names."""
    file, _, name = place.partition(":")
    path = ROOT / file
    if not name:
        return path.exists()
    return path.is_file() and all(
        re.search(rf"^\s*(?:async )?(?:def|class) {part}\b|^\s*{part}\b[^\n]*=", words_of(path), re.MULTILINE)
        for part in name.removesuffix("()").split(".")
    )


@pytest.mark.parametrize("path", DOCUMENTS, ids=of)
def test_every_place_in_the_source_is_there(path: Path) -> None:
    named = re.findall(r"`([^`\n]+)`", path.read_text(encoding="utf-8"))
    places = [word for word in named if PLACE.fullmatch(word.partition(":")[0]) and "/" in word]
    assert [place for place in places if not stands(place)] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=of)
def test_every_target_of_make_is_in_the_makefile(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize(("document", "title"), TREES)
def test_a_tree_of_the_layout_names_every_package(document: str, title: str) -> None:
    section = next(one for one in sections(ROOT / document) if one.title == title)
    (tree,) = [block for block in section.blocks() if block.startswith("kafkaview/\n")]
    named = set(re.findall(r"^  (\w+)/ ", tree, re.MULTILINE))
    assert named == {path.parent.name for path in PACKAGE.glob("*/__init__.py")}


def test_the_licence_is_whole() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE_2


def test_the_licence_of_what_is_shipped_stands_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for folder in (ROOT / "resources" / "fonts", ROOT / "resources" / "icons" / "lucide"):
        licences = [path for path in folder.iterdir() if path.suffix == ".txt" or path.name == "LICENSE"]
        assert licences
        assert [of(path) for path in licences if of(path) not in notice] == []
    kinds = set(re.findall(r"(resources/[\w/-]+\*?\.\w+)", notice))
    covered = {path for kind in kinds for path in ROOT.glob(kind)}
    shipped = [*(ROOT / "resources" / "fonts").iterdir(), *(ROOT / "resources" / "icons" / "lucide").iterdir()]
    assert [of(path) for path in shipped if path not in covered and path.name != "LICENSE"] == []
