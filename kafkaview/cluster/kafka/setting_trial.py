"""Settings tried on new clients without a connection: librdkafka itself decides whether it accepts them beside ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from confluent_kafka import Consumer, KafkaException, Producer

from kafkaview.cluster.kafka.client_settings import ClientSettings
from kafkaview.cluster.kafka.deadline import Limit
from kafkaview.cluster.kafka.librdkafka_log import Complaints
from kafkaview.cluster.kafka.record_reader import consumer_settings
from kafkaview.cluster.kafka.reroute_transaction import producer_settings
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.terms import Isolation

_NUMBERS: Final = (".ms", ".bytes", ".ttl")
_LONGEST: Final = 100  # characters: Python itself refuses to read a number of thousands
_WHOLE: Final = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)
_WORDS: Final[Mapping[str, str]] = {  # librdkafka names no others
    "broker.address.family": "any, v4 or v6",
    "client.dns.lookup": "use_all_dns_ips or resolve_canonical_bootstrap_servers_only",
}


def refused_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Returns the settings that a client refuses, each with the reason: its value and the allowed range. Settings that
    are refused only in combination are named together.
    """
    found = {
        name: _refused_by_all_words(name, value, reason)
        for name, value in settings.items()
        if (reason := _no_number(name, value))
    }
    rest = {name: value for name, value in settings.items() if name not in found}
    of_all = _refusal(rest)
    if of_all is None:
        return found
    alone = {
        name: _refused_by_all_words(name, value, reason)
        for name, value in rest.items()
        if (reason := _refusal({name: value}))
    }
    together = ", ".join(rest)
    return found | (alone or {together: f"{together} are not taken together: {of_all}"})


def _refused_by_all_words(name: str, value: str, reason: str) -> str:
    words = f". It takes {_WORDS[name]}" if name in _WORDS else ""
    return f"{name}={value} is taken by no client here: {reason.rstrip('.')}{words}"


def _no_number(name: str, value: str) -> str | None:
    """Returns why Java would not read a value as a number: librdkafka takes 5s for 5, 010 for 8, and cuts what is too
    large.
    """
    whole = len(value) < _LONGEST and _WHOLE.fullmatch(value) is not None
    if not name.endswith(_NUMBERS) or (whole and abs(int(value)) < 2**31):
        return None
    return "It takes a whole number, in decimal digits alone and below 2,147,483,648"


def _refusal(settings: Mapping[str, str]) -> str | None:
    client = ClientSettings(ConnectionProfile("trial", "", settings=settings), Secrets(), Limit())
    try:
        Consumer(consumer_settings(client, Complaints(), Isolation.READ_COMMITTED)).close()
        Producer(producer_settings(client, Complaints(), "kafkaview"))
    except KafkaException as refused:
        return str(refused.args[0].str()).strip()
    return None
