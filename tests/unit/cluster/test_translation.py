"""Client errors in words that a user can act on."""

from __future__ import annotations

import os
import time

import kafka.errors as client_errors  # type: ignore[import-untyped]
import pytest
from confluent_kafka import KafkaError, KafkaException

from kafkaview.cluster import errors
from kafkaview.cluster.kafka import kafka_python_errors as wire_errors
from kafkaview.cluster.kafka.librdkafka_errors import as_cluster_error
from kafkaview.cluster.kafka.librdkafka_log import Complaints


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (KafkaError._TRANSPORT, errors.Unreachable),
        (KafkaError._AUTHENTICATION, errors.AuthenticationFailed),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, errors.NotAuthorized),
        (KafkaError.POLICY_VIOLATION, errors.RefusedByPolicy),
        (KafkaError.MSG_SIZE_TOO_LARGE, errors.RecordTooLarge),
        (KafkaError.UNKNOWN_TOPIC_OR_PART, errors.UnknownTopicOrPartition),
        (KafkaError.GROUP_ID_NOT_FOUND, errors.UnknownGroup),
        (KafkaError._AUTO_OFFSET_RESET, errors.OffsetOutOfRange),
        (KafkaError.UNSUPPORTED_VERSION, errors.UnsupportedByBroker),
        (KafkaError.UNKNOWN, errors.ClusterError),
    ],
)
def test_each_code_has_its_kind_and_keeps_the_brokers_words(code: int, kind: type[errors.ClusterError]) -> None:
    failure = KafkaException(KafkaError(code, "the broker's own words"))
    error = as_cluster_error(failure, "asking")
    assert type(error) is kind
    assert error.message.startswith("asking: the broker's own words")
    assert error.__cause__ is failure


def test_a_refused_connection_becomes_a_sentence() -> None:
    error = wire_errors.as_cluster_error(client_errors.KafkaConnectionError("111 ECONNREFUSED"), "asking broker 1")
    assert isinstance(error, errors.Unreachable)
    assert error.message == f"asking broker 1: {os.strerror(111)} (ECONNREFUSED)"


def test_a_timeout_is_explained_by_the_clients_log_messages() -> None:
    complaints, began = Complaints(), time.monotonic()
    complaints.hear(KafkaError(KafkaError._AUTHENTICATION, "wrong password"))
    complaints.hear(KafkaError(KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down"))
    time_out = KafkaException(KafkaError(KafkaError._TIMED_OUT, "timed out"))
    assert isinstance(as_cluster_error(time_out, "asking", complaints.since(began)), errors.AuthenticationFailed)
    refusal = KafkaException(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))
    assert isinstance(as_cluster_error(refusal, "asking", complaints.since(began)), errors.NotAuthorized)
    complaints.forget()
    assert complaints.since(began) is None


def test_log_messages_from_before_the_request_explain_nothing() -> None:
    complaints = Complaints()
    complaints.hear(KafkaError(KafkaError._TRANSPORT, "refused"))
    assert complaints.since(time.monotonic() + 1) is None


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (client_errors.SaslAuthenticationFailedError("no"), errors.AuthenticationFailed),
        (client_errors.GroupAuthorizationFailedError("g"), errors.NotAuthorized),
        (client_errors.KafkaTimeoutError("late"), errors.Unreachable),
        (client_errors.IncompatibleBrokerVersion("old"), errors.UnsupportedByBroker),
    ],
)
def test_the_other_clients_errors_have_the_same_kinds(failure: Exception, kind: type[errors.ClusterError]) -> None:
    assert type(wire_errors.as_cluster_error(failure, "asking")) is kind
