"""GSSAPI: Kerberos, where the platform's library has it."""

from __future__ import annotations

from typing import Any, Final

from kafkaview.profiles.connection_field import ConnectionField, FormSection
from kafkaview.profiles.field_checks import needs
from kafkaview.profiles.mechanisms.sasl_exchange import Exchange, LoginMaterial, LoginRefused
from kafkaview.profiles.mechanisms.sasl_mechanism import LoginGap, SaslMechanism
from kafkaview.profiles.security import Kerberos, Sasl, Secrets
from kafkaview.profiles.settings_reader import SettingsReader

_KERBEROS: Final = "security.sasl.kerberos"
_SERVICE, _PRINCIPAL, _KEYTAB = "sasl.kerberos.service.name", "sasl.kerberos.principal", "sasl.kerberos.keytab"
_SECTION: Final = FormSection.SECURITY


class GssapiMechanism(SaslMechanism):
    """GSSAPI (RFC 4752)."""

    name = "GSSAPI"
    title = "GSSAPI (Kerberos)"
    java_module = "com.sun.security.auth.module.Krb5LoginModule"
    takes_ticket = True
    fields = (
        ConnectionField(
            name="service_name", path=f"{_KERBEROS}.service_name", section=_SECTION, label="Service", default="kafka",
            check=needs("Kerberos needs the service's name, mostly kafka"), names=(_SERVICE,),
        ),
        ConnectionField(
            name="principal", path=f"{_KERBEROS}.principal", section=_SECTION, label="Principal", names=(_PRINCIPAL,),
            in_jaas=True,
        ),
        ConnectionField(
            name="keytab", path=f"{_KERBEROS}.keytab", section=_SECTION, label="Keytab", names=(_KEYTAB,), in_jaas=True
        ),
    )  # fmt: skip

    def read(self, settings: SettingsReader) -> Sasl:
        """Reads the login."""
        options = settings.jaas_options
        return Sasl(
            self.name,
            kerberos=Kerberos(
                settings.one(_SERVICE) or options.get("serviceName") or "kafka",
                settings.one(_PRINCIPAL) or options.get("principal"),
                settings.one(_KEYTAB) or options.get("keyTab"),
            ),
        )

    def jaas_options(self, sasl: Sasl) -> dict[str, str]:
        """Returns the options of the JAAS entry."""
        own = sasl.kerberos or Kerberos()
        options = {"principal": own.principal, "keyTab": own.keytab}
        source = {"useKeyTab": "true", "storeKey": "true"} if own.keytab is not None else {"useTicketCache": "true"}
        return {**source, **{name: value for name, value in options.items() if value is not None}}

    def gap(self, sasl: Sasl, secrets: Secrets) -> LoginGap | None:
        """Returns what is missing."""
        del sasl, secrets
        return None

    def exchange(self, sasl: Sasl, material: LoginMaterial) -> Exchange:
        """The messages of the platform's library."""
        try:
            tickets = material.tickets((sasl.kerberos or Kerberos()).service_name)
            while True:
                answer = yield tickets.auth_bytes()
                if answer.refusal:
                    raise LoginRefused("login_refused", answer.refusal)
                if tickets.is_done():
                    return
                tickets.receive(answer.data)
        except (RuntimeError, ValueError, OSError) as failure:
            raise LoginRefused("login_refused", f"Kerberos gives no ticket: {failure}", "Run kinit.") from None

    def librdkafka(self, sasl: Sasl, secrets: Secrets) -> dict[str, Any]:
        """Returns librdkafka's settings."""
        del secrets
        if sasl.kerberos is None:
            return {}
        own = sasl.kerberos
        made = {_SERVICE: own.service_name, _PRINCIPAL: own.principal, _KEYTAB: own.keytab}
        return {name: value for name, value in made.items() if value}

    def kafka_python(self, sasl: Sasl, secrets: Secrets) -> dict[str, Any]:
        """Returns kafka-python's settings."""
        del secrets
        return {"sasl_kerberos_service_name": (sasl.kerberos or Kerberos()).service_name}
