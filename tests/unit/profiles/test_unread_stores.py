"""A JKS store does not refuse the rest of a file that is imported."""

from __future__ import annotations

from pathlib import Path

from kafkaview.cluster.kafka.connection_file import read_connection_file
from kafkaview.profiles.security import Protocol, SecretField


def test_all_but_a_jks_store_is_imported_and_the_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "trust.jks").write_bytes(b"\xfe\xed\xfe\xed\x00")
    file = tmp_path / "orders.properties"
    file.write_text(
        "bootstrap.servers=k:1\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n"
        'sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="a" password="b";\n'
        f"ssl.truststore.location={tmp_path}/trust.jks\nssl.truststore.password=changeit\n"
    )
    found = read_connection_file(file)
    assert found.profile.security.protocol is Protocol.SASL_SSL
    assert found.profile.security.tls.truststore_file is None
    assert found.secrets.fields() == {SecretField.SASL_PASSWORD}
    (left_out,) = found.left_out
    assert left_out.startswith(
        f"The truststore {tmp_path}/trust.jks is a JKS store. Make a PKCS12 store of it: keytool"
    )
    assert "changeit" not in left_out
