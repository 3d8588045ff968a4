"""Every field of a connection, declared once.

The form, the file of connections, import, export, the secrets and the doctor read this table. A new field is a row
here. Only one that is no plain client setting (a path of `settings.NAME`) has a typed value in profile.py too.
"""

from __future__ import annotations

from typing import Final

from kafkaview.profiles.addresses import split_servers
from kafkaview.profiles.connection_field import (
    ConnectionField,
    FieldControl,
    FieldOption,
    FormSection,
    FormValues,
    pairs,
    secret_field,
)
from kafkaview.profiles.environment import (
    KEY_VARIABLE,
    REGISTRY_VARIABLE,
    TRUST_VARIABLE,
    ZOOKEEPER_VARIABLE,
)
from kafkaview.profiles.field_checks import (
    check_bootstrap,
    check_certificate,
    check_certificate_and_key,
    check_queue,
    check_settings,
    check_url,
    needs,
    refuse_bare_key,
    refuse_bootstrap,
    refuse_login,
    refuse_name,
)
from kafkaview.profiles.form_choices import Proof, Trust, WebCas
from kafkaview.profiles.journal_rules import KeptFor, PayloadForm
from kafkaview.profiles.mechanisms.registry import MECHANISMS, mechanism_named
from kafkaview.profiles.profile import Environment
from kafkaview.profiles.security import Protocol, SecretField

_PROFILE, _SERVERS, _SECURITY = FormSection.PROFILE, FormSection.SERVERS, FormSection.SECURITY
_REGISTRY, _EXTRAS, _JOURNAL = FormSection.REGISTRY, FormSection.EXTRAS, FormSection.JOURNAL
_CA_CHECK: Final = needs("Choose the PEM file of the certificate authority")
_CA_HINT: Final = "Choose the CA's certificate"
_CA_REFUSAL: Final = refuse_bare_key("A private key stands among the certificates to trust.")
_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
_AGES: Final = tuple(FieldOption(one, "For ever" if one.days is None else f"{one.days} days") for one in KeptFor)


def _uses_https(values: FormValues) -> bool:
    """Whether the registry or the mechanism's web service is asked over TLS."""
    login = MECHANISMS[values.mechanism].fields if values.protocol.sasl else ()
    urls = ["registry_url", *(row.name for row in login if row.control is FieldControl.URL)]
    return any(values.text(name).lower().startswith("https://") for name in urls)


FIELDS: tuple[ConnectionField, ...] = (
    ConnectionField(
        name="name", path="name", section=_PROFILE, label="Name", control=FieldControl.NAME, default="",
        hint="orders-eu", check=needs("A connection needs a name"), refusal=refuse_name, json_name="name",
    ),
    ConnectionField(
        name="environment", path="environment", section=_PROFILE, label="Environment", control=FieldControl.CHOICE,
        enum=Environment, json_name="environment",
        options=(FieldOption("", "Not named"), *(FieldOption(one, one.capitalize()) for one in Environment)),
    ),
    ConnectionField(
        name="colour", path="colour", section=_PROFILE, label="Colour", control=FieldControl.COLOUR, json_name="colour"
    ),
    ConnectionField(
        name="read_only", path="read_only", section=_PROFILE, control=FieldControl.TICK, default=False,
        word="read-only", hint="Read-only: refuse every write from here", names=("read.only",), ours=True,
        json_name="read_only",
    ),
    ConnectionField(
        name="dead_letter_queue", path="dead_letter_queue", section=_PROFILE, label="Dead letters to",
        hint="{topic}-dlq", check=check_queue, refusal=check_queue, names=("dead.letter.queue",), ours=True,
        word="name of dead letter queues", json_name="dead_letter_queue",
    ),
    ConnectionField(
        name="bootstrap", path="bootstrap", section=_SERVERS, label="Bootstrap", default="",
        hint="host:9092, host:9092", parse=lambda text: ",".join(split_servers(text)), check=check_bootstrap,
        refusal=refuse_bootstrap, names=("bootstrap.servers", "metadata.broker.list"), json_name="bootstrap",
    ),
    ConnectionField(
        name="protocol", path="security.protocol", section=_SECURITY, label="Protocol", control=FieldControl.SEGMENTS,
        default=Protocol.PLAINTEXT, enum=Protocol, names=("security.protocol",), json_name="protocol",
        options=(
            FieldOption(Protocol.PLAINTEXT, "PLAINTEXT"),
            FieldOption(Protocol.SSL, "TLS"),
            FieldOption(Protocol.SASL_PLAINTEXT, "SASL"),
            FieldOption(Protocol.SASL_SSL, "SASL + TLS"),
        ),
    ),
    ConnectionField(
        name="trust", path="security.tls", section=_SECURITY, label="Trust", control=FieldControl.CHOICE, stored=False,
        when=lambda values: values.uses_tls, default=Trust.SYSTEM,
        options=(
            FieldOption(Trust.SYSTEM, "The system's CAs"),
            FieldOption(Trust.CA_FILE, "CA file (PEM)", ("ca_file",)),
            FieldOption(Trust.CA_PEM, "Pasted PEM", ("ca_pem",)),
            FieldOption(Trust.TRUSTSTORE, "Truststore (PKCS12)", ("truststore_file", SecretField.TRUSTSTORE_PASSWORD)),
        ),
    ),
    ConnectionField(
        name="ca_file", path="security.tls.ca_file", section=_SECURITY, label="CA file", control=FieldControl.FILE,
        hint=_CA_HINT, check=_CA_CHECK, names=("ssl.ca.location",), java_name="ssl.truststore.location",
    ),
    ConnectionField(
        name="ca_pem", path="security.tls.ca_pem", section=_SECURITY, label="CA", control=FieldControl.AREA,
        hint=_BEGIN, check=check_certificate, refusal=_CA_REFUSAL,
        names=("ssl.ca.pem", "ssl.truststore.certificates"), java_name="ssl.truststore.certificates",
    ),
    ConnectionField(
        name="truststore_file", path="security.tls.truststore_file", section=_SECURITY, label="Truststore",
        control=FieldControl.STORE, hint="Choose the truststore", check=needs("Choose the truststore"),
        names=("ssl.truststore.location",),
    ),
    secret_field(
        SecretField.TRUSTSTORE_PASSWORD, _SECURITY, "Store password", "password of the truststore",
        names=("ssl.truststore.password", "schema.registry.ssl.truststore.password"), variable=TRUST_VARIABLE,
    ),
    ConnectionField(
        name="verify_hostname", path="security.tls.verify_hostname", section=_SECURITY, control=FieldControl.TICK,
        when=lambda values: values.uses_tls, default=True, word="host name check",
        hint="Verify the broker's host name",
        unticked_note="Any host with a certificate of this CA can pose as the broker, and the login goes to it.",
        names=("ssl.endpoint.identification.algorithm",), exported_flag="none", json_name="verify_hostname",
    ),
    ConnectionField(
        name="proof", path="security.tls.certificate", section=_SECURITY, label="Certificate",
        control=FieldControl.CHOICE, stored=False, when=lambda values: values.uses_tls, default=Proof.NONE,
        options=(
            FieldOption(Proof.NONE, "None"),
            FieldOption(Proof.FILES, "PEM files", ("certificate_file", "key_file", SecretField.KEY_PASSPHRASE)),
            FieldOption(Proof.PEM, "Pasted PEM", ("certificate_pem", SecretField.KEY_PASSPHRASE)),
            FieldOption(Proof.KEYSTORE, "Keystore (PKCS12)", ("pkcs12_file", SecretField.KEYSTORE_PASSWORD)),
        ),
    ),
    ConnectionField(
        name="certificate_file", path="security.tls.certificate.certificate_file", section=_SECURITY,
        label="Certificate file", control=FieldControl.FILE, hint="Choose the client certificate",
        check=needs("Choose the PEM file of the certificate"), names=("ssl.certificate.location",),
        java_name="ssl.keystore.location",
    ),
    ConnectionField(
        name="key_file", path="security.tls.certificate.key_file", section=_SECURITY, label="Key file",
        control=FieldControl.FILE, names=("ssl.key.location",),
        hint="Choose the private key; leave it empty if the certificate's file holds it",
    ),
    ConnectionField(
        name="certificate_pem", path="security.tls.certificate.pem", section=_SECURITY, label="Certificate, key",
        control=FieldControl.AREA, hint="Certificate, then the encrypted key", lines=5,
        check=check_certificate_and_key, refusal=refuse_bare_key("The pasted private key is not encrypted."),
        names=("ssl.certificate.pem", "ssl.keystore.certificate.chain"), java_name="ssl.keystore.certificate.chain",
    ),
    ConnectionField(
        name="pkcs12_file", path="security.tls.certificate.pkcs12_file", section=_SECURITY, label="Keystore",
        control=FieldControl.STORE, hint="Choose the keystore", check=needs("Choose the keystore"),
        names=("ssl.keystore.location",),
    ),
    secret_field(
        SecretField.KEYSTORE_PASSWORD, _SECURITY, "Store password", "password of the keystore",
        names=("ssl.keystore.password",), variable=KEY_VARIABLE,
    ),
    secret_field(
        SecretField.KEY_PASSPHRASE, _SECURITY, "Key passphrase", "passphrase of the private key",
        names=("ssl.key.password",), variable=KEY_VARIABLE,
    ),
    ConnectionField(
        name="mechanism", path="security.sasl.mechanism", section=_SECURITY, label="Login", control=FieldControl.CHOICE,
        when=lambda values: values.protocol.sasl, default="SCRAM-SHA-512", enum=mechanism_named,
        options=tuple(
            FieldOption(login.name, login.title, tuple(row.name for row in login.fields))
            for login in MECHANISMS.values()
        ),
        names=("sasl.mechanism", "sasl.mechanisms"), json_name="mechanism",
    ),
    *dict.fromkeys(row for login in MECHANISMS.values() for row in login.fields),
    ConnectionField(
        name="web_trust", path="security.web", section=_SECURITY, label="Trust for https", control=FieldControl.CHOICE,
        stored=False, when=_uses_https, default=WebCas.SYSTEM,
        options=(
            FieldOption(WebCas.SYSTEM, "The system's CAs"),
            FieldOption(WebCas.CA_FILE, "Also a CA file (PEM)", ("web_ca_file",)),
            FieldOption(WebCas.CA_PEM, "Also pasted PEM", ("web_ca_pem",)),
        ),
    ),
    ConnectionField(
        name="web_ca_file", path="security.web.ca_file", section=_SECURITY, label="CA file for https",
        control=FieldControl.FILE, hint=_CA_HINT, check=_CA_CHECK,
        names=("https.ca.location", "schema.registry.ssl.truststore.location"), java_name="ssl.truststore.location",
    ),
    ConnectionField(
        name="web_ca_pem", path="security.web.ca_pem", section=_SECURITY, label="CA for https",
        control=FieldControl.AREA, hint=_BEGIN, check=check_certificate, refusal=_CA_REFUSAL,
        names=("https.ca.pem", "schema.registry.ssl.truststore.certificates"), java_name="ssl.truststore.certificates",
    ),
    ConnectionField(
        name="registry_url", path="schema_registry.url", section=_REGISTRY, label="URL", control=FieldControl.URL,
        hint="https://registry:8081", check=check_url("The registry"), refusal=refuse_login,
        names=("schema.registry.url",), ours=True, json_name="schema_registry",
    ),
    ConnectionField(
        name="registry_user", path="schema_registry.user", section=_REGISTRY, label="User",
        when=lambda values: bool(values.text("registry_url")),
    ),
    secret_field(
        SecretField.REGISTRY_PASSWORD, _REGISTRY, "Password", "password of the schema registry",
        when=lambda values: bool(values.text("registry_url") and values.text("registry_user")), needed=True,
        names=("basic.auth.user.info", "schema.registry.basic.auth.user.info"), variable=REGISTRY_VARIABLE,
        java_place="basic.auth.user.info, as USER:PASSWORD",
    ),
    ConnectionField(
        name="zookeeper", path="zookeeper", section=_EXTRAS, label="ZooKeeper", hint="host:2181/chroot",
        names=("zookeeper.connect",), ours=True, json_name="zookeeper",
    ),
    ConnectionField(
        name="zookeeper_tls", path="zookeeper_tls", section=_EXTRAS, control=FieldControl.TICK,
        when=lambda values: bool(values.text("zookeeper")), default=False, word="TLS to ZooKeeper",
        hint="Encrypt the way to ZooKeeper", note="With the trust and certificate of the brokers.",
        names=("zookeeper.ssl.client.enable",), ours=True, json_name="zookeeper_tls",
    ),
    ConnectionField(
        name="zookeeper_user", path="zookeeper_user", section=_EXTRAS, label="ZooKeeper user",
        when=lambda values: bool(values.text("zookeeper")), names=("zookeeper.sasl.username",), ours=True,
        json_name="zookeeper_user",
    ),
    secret_field(
        SecretField.ZOOKEEPER_PASSWORD, _EXTRAS, "Password", "password at ZooKeeper",
        when=lambda values: bool(values.text("zookeeper") and values.text("zookeeper_user")), needed=True,
        names=("zookeeper.sasl.password",), variable=ZOOKEEPER_VARIABLE,
    ),
    ConnectionField(
        name="kafka_client_id", path="settings.client.id", section=_EXTRAS, label="Client id", hint="kafkaview",
        names=("client.id",), kafka_python_name="client_id",
    ),
    ConnectionField(
        name="settings", path="settings", section=_EXTRAS, label="Client settings", control=FieldControl.PAIRS,
        hint="client.dns.lookup=use_all_dns_ips", lines=3, parse=pairs, check=check_settings, json_name="settings",
    ),
    ConnectionField(
        name="journal_payloads", path="journal.payloads", section=_JOURNAL, label="Records",
        control=FieldControl.CHOICE, default=PayloadForm.KEPT, enum=PayloadForm, names=("journal.payloads",), ours=True,
        word="form of the records", json_name="journal_payloads",
        options=(
            FieldOption(PayloadForm.KEPT, "As they are"),
            FieldOption(PayloadForm.ENCRYPTED, "Encrypted, the key in the keyring"),
            FieldOption(PayloadForm.MASKED, "Length and digest alone"),
            FieldOption(PayloadForm.LEFT_OUT, "Left out"),
        ),
    ),
    ConnectionField(
        name="journal_payload_age", path="journal.payload_age", section=_JOURNAL, label="Keep records for",
        control=FieldControl.CHOICE, default=KeptFor.QUARTER, enum=KeptFor, names=("journal.payload.age",), ours=True,
        options=_AGES, json_name="journal_payload_age",
    ),
    ConnectionField(
        name="journal_entry_age", path="journal.entry_age", section=_JOURNAL, label="Keep entries for",
        control=FieldControl.CHOICE, default=KeptFor.EVER, enum=KeptFor, names=("journal.entry.age",), ours=True,
        options=_AGES, json_name="journal_entry_age",
    ),
)  # fmt: skip


def field_of(path: str) -> str:
    """Returns the form's field for a place in a profile (`security.tls.ca_file`, `sasl_password`) or the first of those
    within it (`security.sasl`); empty where there is none.
    """
    exact = (row.name for row in FIELDS if row.path == path)
    return next(exact, "") or next((row.name for row in FIELDS if row.path.startswith(f"{path}.")), "")


def field_named(name: str) -> ConnectionField:
    """Returns the row of a name."""
    return next(row for row in FIELDS if row.name == name)


def secret_fields() -> tuple[ConnectionField, ...]:
    """Returns the rows of secrets."""
    return tuple(row for row in FIELDS if row.secret is not None)
