"""kafka-python's errors as ClusterErrors."""

from __future__ import annotations

import os
import re
import struct
from typing import Final

import kafka.errors as wire_errors  # type: ignore[import-untyped]
from confluent_kafka import KafkaError

from kafkaview.cluster.damage import unreadable
from kafkaview.cluster.errors import AuthenticationFailed, ClusterError, RefusedHere, Unreachable, UnsupportedByBroker
from kafkaview.cluster.kafka.librdkafka_errors import from_code
from kafkaview.cluster.kafka.sockets import ConnectionFailed

ASK_THE_DOCTOR: Final = "Test the connection (kafkaview doctor): it tells which layer fails, and what to change."

_ERRNO: Final = re.compile(r"(\d+) (E[A-Z]+)")
_REQUEST: Final = re.compile(r"'(\w+?)(?:Request)?'")
_BOUNDS: Final = re.compile(r"(-?\d+) <= number <= (\d+)")
_CLASS_NAMES: Final = re.compile(r"^(\w+Error: )+")
_LOGIN: Final = (wire_errors.SaslAuthenticationFailedError, wire_errors.UnsupportedSaslMechanismError)


def as_cluster_error(failure: BaseException, doing: str) -> ClusterError:
    """Returns the ClusterError for an error of kafka-python."""
    if isinstance(failure, ClusterError):
        return failure
    text = f"{doing}: {_words(failure)}"
    if isinstance(failure, _LOGIN):
        return AuthenticationFailed(text, "Check the user name, the password and the SASL mechanism.")
    if isinstance(failure, wire_errors.KafkaProtocolError):
        return unreadable(doing, failure.__context__ or failure)
    if isinstance(failure, wire_errors.IncompatibleBrokerVersion):
        request = _REQUEST.search(str(failure))
        words = f"{doing}: the broker's release does not take this request{f' ({request[1]})' if request else ''}"
        return UnsupportedByBroker(words, "A later release of Kafka takes it.")
    if isinstance(failure, wire_errors.BrokerResponseError) and failure.errno > 0:
        return response_error(failure.errno, doing)
    if isinstance(failure, UnicodeEncodeError):  # of a request: nothing was sent
        return RefusedHere(f"{doing}: a name has bytes that are not UTF-8", "Kafka's protocol has text alone.")
    if isinstance(failure, struct.error):  # of a request, too
        bounds = _BOUNDS.search(str(failure))
        room = f": it holds {int(bounds[1]):,} to {int(bounds[2]):,}" if bounds else ""
        words = f"{doing}: a number, or the length of a text, does not fit into its field of Kafka's protocol{room}"
        return RefusedHere(words, "Nothing was sent.")
    return Unreachable(text, ASK_THE_DOCTOR)


def _words(failure: BaseException) -> str:
    """Returns the error's text without its class, with the system's text for an errno."""
    if isinstance(failure, ConnectionFailed):
        return str(failure)
    if isinstance(failure, wire_errors.KafkaConnectionError):
        reason = ", ".join(map(str, failure.args)) or "the connection is lost"
        return _ERRNO.sub(lambda found: f"{os.strerror(int(found[1]))} ({found[2]})", reason)
    if isinstance(failure, wire_errors.NodeNotReadyError):  # its text is the number alone
        return f"broker {', '.join(map(str, failure.args))} is not connected"
    return _CLASS_NAMES.sub("", str(failure)) or type(failure).__name__


def response_error(code: int, doing: str) -> ClusterError:
    """Returns the ClusterError for an error code in a broker's response."""
    return from_code(KafkaError(code), doing)
