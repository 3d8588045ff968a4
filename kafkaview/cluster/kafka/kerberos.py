"""The check whether this computer's client libraries can log in by Kerberos."""

from __future__ import annotations

import functools
import importlib.util
import sys
from typing import Final

from confluent_kafka import KafkaException, Producer

from kafkaview.cluster.kafka.librdkafka_log import LOG

_PYTHON_LIBRARY: Final = "sspi" if sys.platform == "win32" else "gssapi"


@functools.cache
def gssapi_available() -> str | None:
    """Returns why GSSAPI cannot be used here, in a sentence; None where it can. Sends nothing."""
    try:
        Producer(
            {
                "bootstrap.servers": "",
                "security.protocol": "SASL_PLAINTEXT",
                "sasl.mechanism": "GSSAPI",
                "sasl.kerberos.kinit.cmd": "true",
                "logger": LOG,
            }
        )
    except KafkaException:
        return "GSSAPI (Kerberos) is not built into the Kafka library of this computer."
    if importlib.util.find_spec(_PYTHON_LIBRARY) is None:
        return f"GSSAPI (Kerberos) needs the Python package {_PYTHON_LIBRARY}, which is not installed."
    return None
