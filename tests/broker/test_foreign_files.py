"""Files that other programs have written: what is not for us is named, refused where it matters, and never kept."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.broker.certificates import TRUSTSTORE_PASSWORD
from tests.broker.keyring_session import KeyringSession
from tests.broker.program import Program
from tests.broker.secure_kafka import PASSWORDS, TOPIC, SecureKafka

SCRAM: Final = "org.apache.kafka.common.security.scram.ScramLoginModule"
# Each with what is said of it: Java takes all of them.
TAKEN_OTHERWISE: Final = {
    "client.dns.lookup=default": "use_all_dns_ips",
    "retry.backoff.ms=0": "1..300000",
    "retry.backoff.max.ms=010": "decimal digits",
    "reconnect.backoff.ms=5s": "decimal digits",
    "metadata.max.age.ms=4294967297": "below 2,147,483,648",
    "connections.max.idle.ms=-1": "0..2147483647",
    "socket.connection.setup.timeout.ms=10": "1000..2147483647",
    "broker.address.family=ipv6": "any, v4 or v6",
    "socket.keepalive.enable=yes": "true or false",
    "ssl.cipher.suites=TLS_AES_128_GCM_SHA256": "no effect here",
    "sasl.login.callback.handler.class=com.example.Vault": "no effect here",
}
OF_OTHERS: Final = (
    "compression.type=gzip",
    "auto.offset.reset=by_duration:PT1H",
    "partition.assignment.strategy=org.apache.kafka.clients.consumer.RangeAssignor",
    "interceptor.classes=com.example.Audit",
    "metric.reporters=com.example.Metrics",
    "default.api.timeout.ms=60000",
)
TAKEN: Final = ("security.protocol=ssl", "ssl.endpoint.identification.algorithm=", "client.id=me")


@pytest.fixture
def program(keyring_session: KeyringSession, tmp_path: Path) -> Program:
    return Program(keyring_session, tmp_path)


def written(folder: Path, *lines: str) -> str:
    file = folder / "client.properties"
    file.write_text("\n".join(lines) + "\n")
    return str(file)


def first_step(program: Program, file: str) -> tuple[int, dict[str, Any]]:
    code, output = program.ask("--config", file, "doctor")
    return code, output["steps"][0]


def sees_topic(program: Program, *where: str) -> bool:
    code, output = program.ask(*where, "topics")
    return code == 0 and TOPIC in {row["topic"] for row in output["topics"]}


def test_settings_of_another_client_are_named_with_their_range_and_left_out(
    program: Program, secure_kafka: SecureKafka, tmp_path: Path
) -> None:
    brokers = [
        f"bootstrap.servers={secure_kafka.bootstrap('SSL')}",
        f"ssl.ca.location={secure_kafka.certificates.ca_file}",
    ]
    file = written(tmp_path, *brokers, *TAKEN_OTHERWISE, *OF_OTHERS, *TAKEN)
    code, step = first_step(program, file)
    assert (code, step["step"], step["cause"], step["field"]) == (3, "config", "bad_setting", "settings")
    code, output = program.ask("profiles", "import", file, "--name", "eu")
    said = output["not_taken_over"]
    assert code == 0
    for line, words in TAKEN_OTHERWISE.items():
        (sentence,) = [one for one in said if one.startswith(line.partition("=")[0])]
        assert words in sentence, sentence
        assert words == "no effect here" or (line in sentence and sentence.rstrip(".") in step["detail"])
    for line in OF_OTHERS:
        assert line.partition("=")[0] in said[-1]
        assert line.partition("=")[2] not in said[-1]
    assert program.ask("profiles", "show", "eu")[1]["settings"] == {"client.id": "me"}
    assert program.ask("profiles", "show", "eu")[1]["verify_hostname"] is False
    assert sees_topic(program, "--profile", "eu")


@pytest.mark.parametrize(("listener", "other"), [("TLS12", "TLSv1.3"), ("TLS13", "TLSv1.2")])
def test_a_version_of_tls_that_is_asked_for_has_no_effect_and_is_said_to_have_none(
    program: Program, secure_kafka: SecureKafka, tmp_path: Path, listener: str, other: str
) -> None:
    file = written(
        tmp_path,
        f"bootstrap.servers={secure_kafka.bootstrap(listener)}",
        "security.protocol=PLAINTEXT",
        "security.protocol=SSL",
        f"ssl.truststore.location=file:{secure_kafka.certificates.truststore_file}",
        f"ssl.truststore.password={TRUSTSTORE_PASSWORD}",
        f"ssl.enabled.protocols={other}",
    )
    code, step = first_step(program, file)
    assert (code, step["ok"], "ssl.enabled.protocols has no effect here" in step["detail"]) == (0, True, True)
    repeated = "security.protocol is given 2 times: all but the last have no effect."
    assert repeated in step["detail"]
    assert sees_topic(program, "--config", file)
    assert repeated in program.ask("profiles", "import", file, "--name", "eu")[1]["not_taken_over"]


REFUSED: Final = {
    "sasl.password=${env:KAFKA_PASSWORD}": "sasl.password names its value by a config provider",
    "sasl.password=${file:/run/secrets/kafka:password}": "sasl.password names its value by a config provider",
    f'sasl.jaas.config={SCRAM} required username="u" password="${{vault:kv/kafka:password}}";': "sasl.jaas.config",
    f'sasl.jaas.config={SCRAM} required username="u" password="hmac-4Kx" tokenauth="true";': "a delegation token",
    f'sasl.jaas.config={SCRAM} required username="u" password="hmac-4Kx': "sasl.jaas.config",
    "security.protocol=SASL-SSL": "security.protocol is SASL-SSL",
    "consumer.security.protocol=SASL_SSL\nconsumer.sasl.username=u": "consumer.security.protocol, consumer.sasl",
}


@pytest.mark.parametrize("lines", REFUSED)
def test_what_only_another_program_can_read_is_refused_by_its_name_and_kept_nowhere(
    program: Program, keyring_session: KeyringSession, secure_kafka: SecureKafka, tmp_path: Path, lines: str
) -> None:
    login = [] if "security.protocol" in lines else ["security.protocol=SASL_SSL", "sasl.mechanism=SCRAM-SHA-256"]
    name = "user" if "jaas" in lines else "sasl.username=u"
    file = written(tmp_path, f"bootstrap.servers={secure_kafka.bootstrap('SASL_SSL')}", *login, name, lines)
    code, step = first_step(program, file)
    assert (code, step["step"], step["ok"], step["cause"]) == (3, "config", False, "bad_setting")
    assert REFUSED[lines] in step["detail"]
    for verb in (["profiles", "import", file, "--name", "eu"], ["--config", file, "topics"]):
        code, output = program.ask(*verb)
        assert (code, output["error"]["kind"], REFUSED[lines] in output["error"]["message"]) == (2, "usage", True)
    assert not keyring_session.users()
    Path(file).unlink()
    kept = "".join(program.said) + "".join(one.read_text(errors="replace") for one in tmp_path.rglob("*.*"))
    assert not [part for part in ("KAFKA_PASSWORD", "run/secrets", "kv/kafka", "hmac-4Kx") if part in kept]


def test_what_stands_under_a_workers_prefix_is_named(
    program: Program, secure_kafka: SecureKafka, tmp_path: Path
) -> None:
    file = written(
        tmp_path,
        f"bootstrap.servers={secure_kafka.bootstrap('SASL_PLAINTEXT')}",
        "security.protocol=SASL_PLAINTEXT",
        "sasl.mechanism=PLAIN",
        "sasl.username=alice",
        f"sasl.password={PASSWORDS['alice']}",
        "consumer.sasl.username=other",
        "producer.acks=all",
        "admin.ssl.truststore.location=/nowhere.p12",
        "key.converter=org.apache.kafka.connect.json.JsonConverter",
    )
    code, output = program.ask("profiles", "import", file, "--name", "eu")
    of_worker, of_others = output["not_taken_over"]
    assert code == 0
    assert "consumer.sasl.username, admin.ssl.truststore.location" in of_worker
    assert "producer.acks, key.converter" in of_others
    assert sees_topic(program, "--profile", "eu")
    assert "consumer.sasl.username" in first_step(program, file)[1]["detail"]


def odd_bundle(authority: bytes, key: bytes) -> bytes:
    """The CA of the broker among what stands in the bundles of the world; the last three cannot be read."""
    der = bytearray(x509.load_pem_x509_certificate(authority).public_bytes(Encoding.DER))
    serial = der.index(b"\x02", der.index(b"\xa0\x03\x02\x01\x02") + 5) + 2
    der[serial] |= 0x80  # negative
    negative = b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"
    cut = authority[: len(authority) // 2]
    parts = [
        b"\xef\xbb\xbf# Subject: CN=\xe4 test\n",
        negative,
        key,
        b"-----BEGIN CERTIFICATE-----\nnot base64 at all!\n-----END CERTIFICATE-----\n",
        cut + b"\n",
        authority.replace(b"\n", b"\r\n"),
        authority,
        b"-----BEGIN TRUSTED CERTIFICATE-----\nAAAA\n-----END TRUSTED CERTIFICATE-----\n",
        cut,
    ]
    return b"".join(parts)


def test_an_odd_bundle_serves_every_verb_in_silence_and_the_doctor_names_what_it_leaves_out(
    program: Program, secure_kafka: SecureKafka, tmp_path: Path
) -> None:
    files = secure_kafka.certificates
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(odd_bundle(Path(files.ca_file).read_bytes(), Path(files.client_key_file).read_bytes()))
    brokers = (f"bootstrap.servers={secure_kafka.bootstrap('SSL')}", "security.protocol=SSL")
    file = written(tmp_path, *brokers, f"ssl.ca.location={bundle}")
    code, step = first_step(program, file)
    assert (code, step["ok"]) == (0, True)
    for place in (2, 3, 6, 7):
        assert f"Certificate {place} of 7 in {bundle} cannot be read and is left out" in step["detail"]
    assert step["detail"].count("left out") == 4
    for verb in ("topics", "brokers", "certificates"):
        assert program.ask("--config", file, verb)[0] == 0
    assert program.run("--config", file, "doctor")[0] == 0
    assert program.said[1::2] == [""] * (len(program.said) // 2)


UNFORESEEN: Final = """
import sys
import kafkaview.{module} as module
def fail(*_words, **_more):
    raise ZeroDivisionError("nobody foresaw it")
module.{name} = fail
"""


@pytest.mark.parametrize(
    ("module", "name"), [("profiles.addresses", "servers"), ("cluster.kafka.cluster", "open_cluster")]
)
def test_an_exception_that_nobody_foresaw_is_one_document_and_its_traceback_stands_in_the_log(
    program: Program, secure_kafka: SecureKafka, tmp_path: Path, module: str, name: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(UNFORESEEN.format(module=module, name=name))
    for verb in ("topics", "stuck"):
        where = ["--bootstrap", secure_kafka.bootstrap("PLAINTEXT")]
        code, output = program.ask(*where, verb, PYTHONPATH=str(tmp_path))
        assert (code, output["error"]["kind"], program.said[-1]) == (1, "internal", "")
        assert "nobody foresaw it" in output["error"]["message"]
    (crashes,) = tmp_path.rglob("crash.log")
    assert str(crashes) in output["error"]["hint"]
    assert crashes.read_text().count("Traceback (most recent call last)") == 2
