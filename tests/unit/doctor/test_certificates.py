"""For which hosts a certificate is good: as OpenSSL and both client libraries have it."""

from __future__ import annotations

import datetime as dt

import pytest
import trustme
from cryptography import x509

from kafkaview.cluster.issued import names_of
from kafkaview.doctor.certificates import days_left, is_for


def issued(*names: str, common_name: str | None = None, days: float = 10.5) -> x509.Certificate:
    ends = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    leaf = trustme.CA().issue_cert(*names, common_name=common_name, not_after=ends)
    return x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())


@pytest.mark.parametrize(
    ("name", "host", "fits"),
    [
        ("kafka.example", "kafka.example", True),
        ("kafka.example", "KAFKA.example.", True),
        ("kafka.example", "kafka.example.org", False),
        ("*.example", "kafka.example", True),
        ("*.example", "a.kafka.example", False),
        ("*.example", "example", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("::1", "0:0::1", True),
        ("localhost", "127.0.0.1", False),
    ],
)
def test_a_host_fits_a_name(name: str, host: str, *, fits: bool) -> None:
    assert is_for(issued(name), host) is fits


def test_the_common_name_counts_only_where_there_is_no_other() -> None:
    both = issued("kafka.example", common_name="old.example")
    assert names_of(both) == ("kafka.example",)
    assert not is_for(both, "old.example")
    assert is_for(issued(common_name="old.example"), "old.example")


def test_days_left_are_whole_days_and_negative_when_over() -> None:
    assert days_left(issued("a.example", days=10.5)) == 10
    assert days_left(issued("a.example", days=-2.5)) == -3
