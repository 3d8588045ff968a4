"""A setting in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kafkaview.cluster.ports.brokers import Setting
from kafkaview.coordination.setting_words import describe_setting, plain_documentation

SETTING = Setting(
    "min.insync.replicas",
    "1",
    "DEFAULT_CONFIG",
    is_default=True,
    sensitive=False,
    read_only=False,
    documentation=None,
    synonyms=(),
)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Specifies the <i>minimum</i> number of\n  replicas &gt; 0.", "Specifies the minimum number of replicas > 0."),
        ("One of<ul><li>none</li><li>all</li></ul>", "One of none all"),
        ('See <a href="#x">KIP-1</a>.<br/>Then 1 < 2 and a <code>name</code>.', "See KIP-1. Then 1 < 2 and a name."),
        ("of type <T> only", "of type <T> only"),
        (None, ""),
    ],
)
def test_the_documentation_is_plain_text_on_one_line(written: str | None, plain: str) -> None:
    setting = replace(SETTING, documentation=written)
    assert plain_documentation(setting) == plain
    assert describe_setting(setting).startswith(f"min.insync.replicas: {plain or 'The broker does not say'}")
