"""What holds for a topic without a value of its own, as far as its broker says so."""

from __future__ import annotations

import pytest

from kafkaview.cluster.ports.brokers import Setting, Synonym

OWN = Synonym("retention.ms", "60000", "DYNAMIC_TOPIC_CONFIG")


def setting(source: str, *synonyms: Synonym) -> Setting:
    return Setting(
        "retention.ms", "60000", source, False, sensitive=False, read_only=False, documentation=None, synonyms=synonyms
    )


@pytest.mark.parametrize(
    ("name", "value", "inherited"),
    [
        ("log.retention.ms", "5", "5"),
        ("log.retention.minutes", "5", "300000"),
        ("log.retention.hours", "168", "604800000"),
        ("log.retention.hours", "-1", "-1"),
        ("log.retention.hours", "", ""),
        ("log.retention.hours", None, None),
    ],
)
def test_a_setting_that_brokers_take_in_other_units_is_in_the_topics_unit(
    name: str, value: str | None, inherited: str | None
) -> None:
    later = Synonym("log.retention.hours", "168", "DEFAULT_CONFIG")
    assert setting(OWN.source, OWN, Synonym(name, value, "STATIC_BROKER_CONFIG"), later).inherited == inherited


def test_what_the_broker_does_not_say_is_unknown_and_what_holds_now_is_inherited_where_it_is_not_the_topics() -> None:
    assert setting(OWN.source, OWN).inherited is None
    assert setting("STATIC_BROKER_CONFIG").inherited == "60000"
