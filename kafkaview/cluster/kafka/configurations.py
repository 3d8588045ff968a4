"""The configuration of brokers and topics, with Kafka's own documentation and the source of each value."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from kafka.protocol.admin import DescribeConfigsRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import listing, reading, text_of
from kafkaview.cluster.kafka.refusals import DESCRIBE_CONFIGS, check
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.brokers import Setting, Synonym
from kafkaview.cluster.ports.cluster import TopicSetting
from kafkaview.cluster.ports.names import check_name

# ConfigResource.Type and DescribeConfigsResponse.ConfigSource of 4.4.0.
_TOPIC: Final = 2
_BROKER: Final = 4
_DEFAULT: Final = 5
_TOPICS_AT_ONCE: Final = 1_000  # an answer of some 60 KiB
_SOURCES: Final = {
    1: "DYNAMIC_TOPIC_CONFIG",
    2: "DYNAMIC_BROKER_CONFIG",
    3: "DYNAMIC_DEFAULT_BROKER_CONFIG",
    4: "STATIC_BROKER_CONFIG",
    _DEFAULT: "DEFAULT_CONFIG",
    6: "DYNAMIC_BROKER_LOGGER_CONFIG",
    7: "DYNAMIC_CLIENT_METRICS_CONFIG",
    8: "DYNAMIC_GROUP_CONFIG",
}


async def of_broker(wire: BrokerRequests, broker: int) -> tuple[Setting, ...]:
    """Returns a broker's configuration, read from that broker."""
    doing = f"reading the settings of broker {broker}"
    answer = await wire.send(_request(_BROKER, str(broker)), broker, doing)
    return _settings(answer, doing, DESCRIBE_CONFIGS)


async def values_of_broker(wire: BrokerRequests, broker: int, names: Sequence[str]) -> Mapping[str, str | None]:
    """Returns some settings of a broker, read from that broker. None is a sensitive value or no value; a setting that
    the broker does not have is absent.
    """
    doing = f"reading the settings of broker {broker}"
    answer = await wire.send(_request(_BROKER, str(broker), names), broker, doing)
    return {one.name: one.value for one in _settings(answer, doing, DESCRIBE_CONFIGS)}


async def of_topic(wire: BrokerRequests, topic: str) -> tuple[Setting, ...]:
    """Returns a topic's configuration, read from any broker."""
    check_name("The topic", topic)
    doing = f"reading the settings of {topic}"
    answer = await wire.send_any(_request(_TOPIC, topic), doing)
    return _settings(answer, doing, f"DESCRIBE_CONFIGS on Topic {topic}")


async def of_topics(wire: BrokerRequests, name: str, topics: Collection[str]) -> Mapping[str, str]:
    """Returns one setting of many topics, of a thousand at a time, read from any broker. Raises the error of the first
    topic where no topic may be asked.
    """
    doing = f"reading {name} of the topics"
    found: dict[str, str] = {}
    refused = None
    answered = False
    rest = list(topics)
    while rest:
        some, rest = rest[:_TOPICS_AT_ONCE], rest[_TOPICS_AT_ONCE:]
        resources = [_resource(_TOPIC, topic, [name]) for topic in some]
        request = DescribeConfigsRequest(resources=resources, include_synonyms=False, min_version=1)
        answer = await wire.send_any(request, doing)
        for result in listing(answer.results, doing):
            if result.error_code:
                refused = refused or result
                continue
            answered = True
            for row in listing(result.configs, doing):
                if row.name == name and row.value is not None and not row.is_sensitive:
                    found[text_of(result.resource_name)] = row.value
    if refused is not None and not answered:
        check(refused.error_code, doing, "DESCRIBE_CONFIGS on Topic *", refused.error_message)
    return found


def _request(kind: int, name: str, keys: Sequence[str] | None = None) -> Any:
    """Returns the request for all settings with documentation, or for the `keys` without it."""
    return DescribeConfigsRequest(
        resources=[_resource(kind, name, keys)],
        include_synonyms=True,
        include_documentation=keys is None,
        min_version=1,
    )


def _resource(kind: int, name: str, keys: Sequence[str] | None) -> Any:
    return DescribeConfigsRequest.DescribeConfigsResource(
        resource_type=kind, resource_name=name, configuration_keys=None if keys is None else list(keys)
    )


def _settings(answer: Any, doing: str, right: str) -> tuple[Setting, ...]:
    with reading(doing):
        (result,) = answer.results
    check(result.error_code, doing, right, result.error_message)
    return tuple(sorted(map(_setting_of, listing(result.configs, doing)), key=lambda setting: setting.name))


def _setting_of(row: Any) -> Setting:
    return Setting(
        text_of(row.name),
        None if row.is_sensitive else row.value,
        _source(row.config_source),
        row.config_source == _DEFAULT,
        row.is_sensitive,
        row.read_only,
        row.documentation or None,
        tuple(
            Synonym(text_of(one.name), None if row.is_sensitive else one.value, _source(one.source))
            for one in row.synonyms or ()
        ),
    )


def draft_setting(row: Any) -> TopicSetting:
    """Returns a setting of a topic that does not exist yet, from the answer to a CreateTopics with validateOnly."""
    value = None if row.is_sensitive else row.value
    return TopicSetting(row.name, value, _source(row.config_source), row.config_source == _DEFAULT, row.is_sensitive)


def _source(code: int) -> str:
    return _SOURCES.get(code, "UNKNOWN")
