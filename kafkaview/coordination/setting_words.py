"""A setting of a broker or a topic in words: what it is for, and the values behind the one that holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from typing import Final

from kafkaview.cluster.ports.brokers import Setting
from kafkaview.words import number

_TAG: Final = re.compile(r"</?([a-zA-Z]+)(?:\s[^<>]*)?/?>")
_INLINE: Final = frozenset({"a", "b", "code", "em", "i", "strong", "tt"})
_BLOCK: Final = frozenset({"br", "div", "li", "ol", "p", "pre", "td", "tr", "ul"})


def plain_documentation(setting: Setting) -> str:
    """Returns Kafka's own words on a setting as one line of plain text; they are HTML, written over several lines."""
    return " ".join(unescape(_TAG.sub(_between, setting.documentation or "")).split())


def _between(tag: re.Match[str]) -> str:
    name = tag[1].lower()
    return "" if name in _INLINE else " " if name in _BLOCK else tag[0]


def describe_setting(setting: Setting | None) -> str:
    """Returns Kafka's own words on a setting, whether it can be changed at run time, and the values behind it."""
    if setting is None:
        return "Select a setting to read what it is for."
    said = [plain_documentation(setting) or "The broker does not say what it is for."]
    if setting.read_only:
        said.append("Changing it needs a restart of the broker.")
    others = [one for one in setting.synonyms if one.source != setting.source and one.value is not None]
    if others and not setting.sensitive:
        said.append("Otherwise: " + ", ".join(f"{one.name}={one.value} ({_words(one.source)})" for one in others) + ".")
    return f"{setting.name}: " + " ".join(said)


def count_settings(shown: Sequence[Setting], total: int) -> str:
    """Returns how many settings are shown, and how many of them are not Kafka's defaults."""
    changed = sum(not one.is_default for one in shown)
    return f"{number(len(shown))} of {number(total)}, {number(changed)} of them changed"


def _words(source: str) -> str:
    return source.removesuffix("_CONFIG").replace("_", " ").lower()
