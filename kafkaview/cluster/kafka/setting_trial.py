"""Settings tried on each client that is made with them, without a connection: librdkafka's own word on whether it
takes them beside ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from confluent_kafka import Consumer, KafkaException, Producer

from kafkaview.cluster.kafka.client_settings import ClientSettings
from kafkaview.cluster.kafka.deadline import Limit
from kafkaview.cluster.kafka.librdkafka_log import Complaints
from kafkaview.cluster.kafka.record_reader import consumer_settings
from kafkaview.cluster.kafka.reroute_transaction import producer_settings
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.terms import Isolation


def refused_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Returns the settings that a client refuses, each with the reason: its value and the allowed range. Where each is
    taken by itself and not with the others, their names together.
    """
    of_all = _refusal(settings)
    if of_all is None:
        return {}
    found = {}
    for name, value in settings.items():
        reason = _refusal({name: value})
        if reason is not None:
            found[name] = f"{name}={value} is taken by no client here: {reason}"
    together = ", ".join(settings)
    return found or {together: f"{together} are not taken together: {of_all}"}


def _refusal(settings: Mapping[str, str]) -> str | None:
    client = ClientSettings(ConnectionProfile("trial", "", settings=settings), Secrets(), Limit())
    try:
        Consumer(consumer_settings(client, Complaints(), Isolation.READ_COMMITTED)).close()
        Producer(producer_settings(client, Complaints(), "kafkaview"))
    except KafkaException as refused:
        return str(refused.args[0].str()).strip()
    return None
