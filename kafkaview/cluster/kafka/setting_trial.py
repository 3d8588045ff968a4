"""Settings tried on a client of each kind, without a connection: librdkafka's own word on whether it takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from kafkaview.cluster.kafka.librdkafka_log import LOG


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
    common: dict[str, Any] = {"bootstrap.servers": "", "logger": LOG, **settings}
    try:
        Consumer({**common, "group.id": "kafkaview"}).close()
        Producer(common)
        AdminClient(common)
    except KafkaException as refused:
        return str(refused.args[0].str()).strip()
    return None
