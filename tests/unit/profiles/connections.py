"""Connections of every kind, for properties that hold for all of them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from kafkaview.profiles.fields import FIELDS
from kafkaview.profiles.further_settings import FURTHER
from kafkaview.profiles.journal_rules import JournalRules, KeptFor, PayloadForm
from kafkaview.profiles.profile import ConnectionProfile, Environment, SchemaRegistry
from kafkaview.profiles.security import Certificate, Kerberos, OAuth, Protocol, Sasl, Security, Tls, WebTrust

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
KEY = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIC\n-----END ENCRYPTED PRIVATE KEY-----\n"

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
maybe = st.none() | texts
names = texts.filter(lambda text: bool(text.strip()) and text.isprintable())
plain = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)
files = plain.map(lambda name: f"/etc/kafka/{name}")
extensions = st.dictionaries(st.from_regex(r"[A-Za-z]{1,6}", fullmatch=True), plain, max_size=2)
certificates = st.one_of(
    st.builds(Certificate, certificate_file=files.map("{}.pem".format), key_file=st.none() | files),
    st.just(Certificate(pem=CERTIFICATE + KEY)),
    st.builds(Certificate, pkcs12_file=files.map("{}.p12".format)),
)
tls = st.one_of(
    st.builds(Tls, certificate=st.none() | certificates, verify_hostname=st.booleans()),
    st.builds(Tls, ca_file=files.map("{}.pem".format), certificate=st.none() | certificates),
    st.builds(Tls, ca_pem=st.just(CERTIFICATE)),
    st.builds(Tls, truststore_file=files.map("{}.p12".format)),
)
webs = st.one_of(st.just(WebTrust()), st.builds(WebTrust, files), st.just(WebTrust(ca_pem=CERTIFICATE)))
oauths = st.builds(OAuth, plain.map("https://{}/token".format), texts, maybe, extensions)
sasls = st.one_of(
    st.builds(Sasl, st.sampled_from(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]), username=texts),
    st.builds(Sasl, st.just("OAUTHBEARER"), oauth=oauths),
    st.builds(Sasl, st.just("GSSAPI"), kerberos=st.builds(Kerberos, texts, maybe, maybe)),
)
securities = st.one_of(
    st.just(Security()),
    st.builds(Security, st.just(Protocol.SSL), tls),
    st.builds(Security, st.just(Protocol.SASL_PLAINTEXT), sasl=sasls),
    st.builds(Security, st.just(Protocol.SASL_SSL), tls, sasls),
)
any_profiles = st.builds(
    ConnectionProfile,
    names,
    plain.map("{}:9092".format),
    st.sampled_from(Environment),
    st.booleans(),
    settings=st.dictionaries(
        st.sampled_from(sorted({*FURTHER, *(row.setting for row in FIELDS if row.setting)})), texts, max_size=2
    ),
    zookeeper=st.none() | plain,
    zookeeper_tls=st.booleans(),
    zookeeper_user=st.none() | plain,
    schema_registry=st.none() | st.builds(SchemaRegistry, plain.map("https://{}".format), st.none() | plain),
    security=securities,
    colour=st.none() | st.just("#a0b1c2"),
    dead_letter_queue=st.none() | plain.map("{}.{{topic}}".format),
    journal=st.builds(JournalRules, *map(st.sampled_from, (PayloadForm, KeptFor, KeptFor))),
)


def _with_web(profile: ConnectionProfile, web: WebTrust) -> ConnectionProfile:
    return replace(profile, security=replace(profile.security, web=web)) if profile.uses_https else profile


profiles = st.builds(_with_web, any_profiles, webs)
