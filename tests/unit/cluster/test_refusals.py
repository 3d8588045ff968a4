"""What a broker's codes mean when rights are asked for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError

from kafkaview.cluster.errors import NotAuthorized, RefusedByPolicy, UnsupportedByBroker
from kafkaview.cluster.kafka import delegation_tokens as delegation
from kafkaview.cluster.kafka import scram
from kafkaview.cluster.kafka.certificates import Endpoint, endpoints_of, protocols_of
from kafkaview.cluster.kafka.refusals import DESCRIBE, check, refusal
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.security import ScramMechanism


def test_a_missing_right_is_named() -> None:
    check(0, "reading", DESCRIBE)
    with pytest.raises(NotAuthorized) as refused:
        check(KafkaError.CLUSTER_AUTHORIZATION_FAILED, "reading", DESCRIBE, "not for you")
    assert refused.value.hint == "Ask for the right DESCRIBE on Cluster kafka-cluster."


def test_no_authorizer_is_no_missing_right() -> None:
    error = refusal(KafkaError.SECURITY_DISABLED, "reading the ACLs", DESCRIBE)
    assert isinstance(error, RefusedByPolicy)
    assert "everybody may do everything" in error.message


def test_the_brokers_own_words_are_kept() -> None:
    error = refusal(KafkaError.INVALID_REQUEST, "creating ACLs", DESCRIBE, "The only valid name is kafka-cluster")
    assert isinstance(error, RefusedByPolicy)
    assert error.message.endswith("The only valid name is kafka-cluster")


@pytest.mark.parametrize("code", [KafkaError.TOPIC_DELETION_DISABLED, KafkaError.REASSIGNMENT_IN_PROGRESS])
def test_what_the_cluster_does_not_do_with_a_topic_now_is_refused_there(code: int) -> None:
    error = refusal(code, "deleting the topic orders", "DELETE on Topic orders")
    assert isinstance(error, RefusedByPolicy)
    assert error.exit_code == 5


async def test_tokens_that_are_switched_off_are_unsupported() -> None:
    class Off:
        async def send_any(self, _request: Any, _doing: str) -> Any:
            return SimpleNamespace(error_code=KafkaError.DELEGATION_TOKEN_AUTH_DISABLED, tokens=[])

    with pytest.raises(UnsupportedByBroker, match="DELEGATION_TOKEN_AUTH_DISABLED"):
        await delegation.list_tokens(cast("BrokerRequests", Off()))


def test_listeners_are_read_as_brokers_write_them() -> None:
    setting = "SSL://kafka-1:9093, SASL_SSL://[fd00::1]:9094,CLIENT://:9092"
    assert endpoints_of(setting) == [
        Endpoint("SSL", "kafka-1", 9093),
        Endpoint("SASL_SSL", "fd00::1", 9094),
        Endpoint("CLIENT", "", 9092),
    ]
    assert endpoints_of("") == []
    assert protocols_of("CLIENT:SASL_SSL, SSL:SSL") == {"CLIENT": "SASL_SSL", "SSL": "SSL"}


async def test_of_zookeepers_brokers_the_controller_is_looked_for() -> None:
    asked: list[int] = []

    class TwoBrokers:
        async def broker_ids(self) -> tuple[int, ...]:
            return (1, 2)

        async def answering_broker(self, _doing: str) -> int:
            return 1

        async def send_aside(self, _request: Any, broker: int, _doing: str, _seconds: float) -> Any:
            asked.append(broker)
            code = 0 if broker == 2 else KafkaError.NOT_CONTROLLER
            return SimpleNamespace(results=[SimpleNamespace(error_code=code, error_message=None)])

    await scram.delete(cast("BrokerRequests", TwoBrokers()), "app", ScramMechanism.SCRAM_SHA_256)
    assert asked == [1, 2]
