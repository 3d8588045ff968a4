"""A field of a connection and a SASL mechanism are declared once, and every part of kafkaview reads the declaration."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kafkaview.cluster.kafka.client_settings import ClientSettings
from kafkaview.cluster.kafka.deadline import Limit
from kafkaview.cluster.kafka.librdkafka_log import Complaints
from kafkaview.profiles import checks, fields
from kafkaview.profiles.client_settings import connection
from kafkaview.profiles.connection_field import ConnectionField, FormSection
from kafkaview.profiles.document import document_of
from kafkaview.profiles.document import profile_of as profile_of_document
from kafkaview.profiles.exporting import Spelling, export, settings_of
from kafkaview.profiles.fields import FIELDS, field_of
from kafkaview.profiles.form import empty_values, problems, profile_of, values_of, visible_fields
from kafkaview.profiles.mechanisms.registry import MECHANISMS
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.properties import check_overrides
from kafkaview.profiles.properties_file import parse_properties
from kafkaview.profiles.required_secrets import find_needed_secrets, find_used_secrets
from kafkaview.profiles.security import Kerberos, OAuth, Protocol, Sasl, SecretField, Secrets, Security
from kafkaview.profiles.setting_names import is_known
from kafkaview.ui.pages.connections.words import extras_summary

SITE = ConnectionField(
    name="site",
    path="settings.acme.site",
    section=FormSection.EXTRAS,
    label="Site",
    names=("acme.site", "acme.place"),
    kafka_python_name="acme_site",
    check=lambda text: "" if text.islower() else "A site is written small",
)
LOGINS = {
    "PLAIN": Sasl("PLAIN", "alice"),
    "SCRAM-SHA-256": Sasl("SCRAM-SHA-256", "alice"),
    "SCRAM-SHA-512": Sasl("SCRAM-SHA-512", "alice"),
    "OAUTHBEARER": Sasl("OAUTHBEARER", oauth=OAuth("https://id/token", "c", "s", {"pool": "7"})),
    "GSSAPI": Sasl("GSSAPI", kerberos=Kerberos("kafka", "me@X", "/me.keytab")),
}


@pytest.fixture
def one_more_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fields, "FIELDS", (*FIELDS, SITE))


@pytest.mark.usefixtures("one_more_row")
def test_a_new_row_is_in_form_document_export_and_import() -> None:
    values = empty_values().replace(name="n", bootstrap="k:1", site="berlin", settings="client.rack=r")
    assert "site" in visible_fields(values)
    assert problems(values.replace(site="Berlin")) == {"site": "A site is written small"}
    profile = profile_of(values, ConnectionProfile("", ""))
    assert profile.settings == {"acme.site": "berlin", "client.rack": "r"}
    assert values_of(profile) == values, "the field has its own row, and the others stay lines"
    assert not checks.problems(profile)
    assert profile_of_document(document_of(profile)) == profile
    for spelling in Spelling:
        again, _ = connection(parse_properties(export(profile, spelling)), "n")
        assert replace(again, id=profile.id) == profile
    assert connection({"bootstrap.servers": "k:1", "acme.place": "rome"})[0].settings == {"acme.site": "rome"}
    assert field_of(SITE.path) == "site"
    check_overrides({"acme.site": "x"})
    assert extras_summary(values) == "2 settings"
    to_cluster = ClientSettings(profile, Secrets(), Limit())
    assert to_cluster.kafka_python()[0]["acme_site"] == to_cluster.librdkafka(Complaints())["acme.site"] == "berlin"


def test_a_setting_of_no_row_is_no_setting() -> None:
    assert not is_known("acme.site")
    with pytest.raises(ValueError, match="no setting of a connection"):
        check_overrides({"acme.site": "x"})


def test_names_and_paths_of_fields_are_distinct() -> None:
    assert len({row.name for row in FIELDS}) == len({row.path for row in FIELDS}) == len(FIELDS)
    assert {row.secret for row in FIELDS if row.secret} == set(SecretField)


def test_every_mechanism_is_tried_below() -> None:
    assert set(MECHANISMS) == set(LOGINS)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_mechanism_is_read_as_its_own_settings_and_its_jaas_entry_say(mechanism: str) -> None:
    security = Security(Protocol.SASL_PLAINTEXT, sasl=LOGINS[mechanism])
    profile = ConnectionProfile("n", "k:1", security=security)
    for settings in (settings_of(profile), parse_properties(export(profile))):
        assert connection(settings, "n")[0].security == security
    assert {row.name for row in MECHANISMS[mechanism].fields} <= visible_fields(values_of(profile))


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_login_without_its_secret_has_a_gap_that_names_a_field(mechanism: str) -> None:
    login, sasl = MECHANISMS[mechanism], LOGINS[mechanism]
    profile = ConnectionProfile("n", "k:1", security=Security(Protocol.SASL_PLAINTEXT, sasl=sasl))
    gap = login.gap(sasl, Secrets())
    assert (gap is not None) == bool(find_needed_secrets(profile))
    whole = Secrets(dict.fromkeys(find_used_secrets(profile), "pw"))
    assert login.gap(sasl, whole) is None
    if gap is not None:
        assert gap.secret
        assert field_of(gap.path) == gap.path
    said = repr((login.kafka_python(sasl, whole), login.librdkafka(sasl, whole)))
    assert ("pw" in said) == (login.credentials(sasl, whole) is not None)
