"""What a listener shows, and what is said of one that shows nothing."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import trustme

from kafkaview.cluster.kafka.certificates import _look
from kafkaview.cluster.ports.security import ListenerCertificate


@contextmanager
def listener(context: ssl.SSLContext | None) -> Iterator[ListenerCertificate]:
    """One that takes a single connection, and hangs up at once where it speaks no TLS."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                one, _ = server.accept()
                with one if context is None else context.wrap_socket(one, server_side=True):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield ListenerCertificate(1, "SSL", "127.0.0.1", server.getsockname()[1])
        thread.join(10)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_certificate_of_an_untrusted_ca_is_listed(version: ssl.TLSVersion) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    authority.issue_cert("kafka-1.example", "10.0.0.7").configure_cert(context)
    with listener(context) as one:
        shown = _look(one)
    assert shown.error is None
    assert shown.names == ("kafka-1.example", "10.0.0.7")
    assert shown.tls_version == version.name.replace("_", ".")
    assert shown.not_after_ms is not None
    assert shown.issuer


def test_a_listener_without_tls_is_named_by_its_address() -> None:
    with listener(None) as one:
        shown = _look(one)
    assert shown.error is not None
    assert f"127.0.0.1:{one.port}" in shown.error
    assert shown.not_after_ms is None


def test_a_closed_port_takes_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    shown = _look(ListenerCertificate(1, "SSL", "127.0.0.1", port))
    assert shown.error == f"127.0.0.1:{port} takes no connection: Connection refused."


def test_an_unknown_host_is_reported() -> None:
    shown = _look(ListenerCertificate(1, "SSL", "kafka.nowhere.invalid", 9093))
    assert shown.error is not None
    assert shown.error.startswith("kafka.nowhere.invalid is not known here")


def test_a_plain_listener_is_left_alone() -> None:
    plain = ListenerCertificate(1, "PLAINTEXT", "127.0.0.1", 1, plain=True)
    assert _look(plain) is plain
