"""OAUTHBEARER: a token from an OIDC endpoint, by client credentials."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Final

from kafkaview.profiles.connection_field import (
    ConnectionField,
    FieldControl,
    FormSection,
    check_pairs,
    pairs,
    secret_field,
)
from kafkaview.profiles.environment import LOGIN_VARIABLE
from kafkaview.profiles.field_checks import check_url, needs, refuse_login
from kafkaview.profiles.mechanisms.sasl_exchange import Exchange, LoginMaterial, LoginRefused
from kafkaview.profiles.mechanisms.sasl_mechanism import LoginGap, SaslMechanism
from kafkaview.profiles.security import OAuth, Sasl, SecretField, Secrets
from kafkaview.profiles.settings_reader import SettingsReader

_OAUTH: Final = "security.sasl.oauth"
_ENDPOINT: Final = ("sasl.oauthbearer.token.endpoint.url",)
_CLIENT: Final = ("sasl.oauthbearer.client.id", "sasl.oauthbearer.client.credentials.client.id")
_SECRET: Final = ("sasl.oauthbearer.client.secret", "sasl.oauthbearer.client.credentials.client.secret")
_SCOPE: Final = ("sasl.oauthbearer.scope",)
_EXTENSIONS: Final = ("sasl.oauthbearer.extensions",)
_EXTENSION: Final = "extension_"
_SECTION: Final = FormSection.SECURITY
_check_url: Final = check_url("The token endpoint")


class OauthBearerMechanism(SaslMechanism):
    """OAUTHBEARER (RFC 7628, KIP-768)."""

    name = "OAUTHBEARER"
    title = "OAUTHBEARER (OIDC)"
    java_module = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
    takes_token = True
    fields = (
        ConnectionField(
            name="token_endpoint", path=f"{_OAUTH}.token_endpoint", section=_SECTION, label="Token endpoint",
            control=FieldControl.URL, default="", refusal=refuse_login, names=_ENDPOINT,
            check=lambda text: needs("OAUTHBEARER needs the URL that gives the token")(text) or _check_url(text),
        ),
        ConnectionField(
            name="client_id", path=f"{_OAUTH}.client_id", section=_SECTION, label="Client", default="",
            check=needs("OAUTHBEARER needs a client"), names=_CLIENT, in_jaas=True,
        ),
        secret_field(
            SecretField.OAUTH_CLIENT_SECRET, _SECTION, "Client secret", "OAuth client secret", needed=True,
            names=_SECRET, variable=LOGIN_VARIABLE,
            java_place='clientSecret="..." in sasl.jaas.config, before its semicolon',
        ),
        ConnectionField(
            name="scope", path=f"{_OAUTH}.scope", section=_SECTION, label="Scope", names=_SCOPE, in_jaas=True
        ),
        ConnectionField(
            name="extensions", path=f"{_OAUTH}.extensions", section=_SECTION, label="Extensions",
            control=FieldControl.PAIRS, hint="logicalCluster=lkc-1, one a line", lines=2, parse=pairs,
            check=check_pairs, names=_EXTENSIONS, in_jaas=True,
        ),
    )  # fmt: skip

    def read(self, settings: SettingsReader) -> Sasl:
        """Reads the login."""
        options = settings.jaas_options
        endpoint = settings.one(*_ENDPOINT)
        client = options.get("clientId") or settings.one(*_CLIENT)
        if not endpoint or not client:
            raise ValueError(f"OAUTHBEARER needs {(_CLIENT if endpoint else _ENDPOINT)[0]} (OIDC client credentials).")
        settings.keep(SecretField.OAUTH_CLIENT_SECRET, options.get("clientSecret") or settings.one(*_SECRET))
        extensions = pairs((settings.one(*_EXTENSIONS) or "").replace(",", "\n"))
        return Sasl(
            self.name,
            oauth=OAuth(
                endpoint,
                client,
                options.get("scope") or settings.one(*_SCOPE),
                {**extensions, **_extension_options(options)},
            ),
        )

    def jaas_options(self, sasl: Sasl) -> dict[str, str]:
        """Returns the options of the JAAS entry."""
        oauth = sasl.oauth
        if oauth is None:
            return {}
        scope = {"scope": oauth.scope} if oauth.scope else {}
        return {"clientId": oauth.client_id, **scope, **{_EXTENSION + key: v for key, v in oauth.extensions.items()}}

    def gap(self, sasl: Sasl, secrets: Secrets) -> LoginGap | None:
        """Returns what is missing."""
        oauth = sasl.oauth
        if oauth is None:
            words = "OAUTHBEARER needs a token endpoint and a client id."
            return LoginGap(_OAUTH, words, "Give its URL and the client's id.")
        if not oauth.client_id:
            return LoginGap(f"{_OAUTH}.client_id", "OAUTHBEARER needs a client id.", "Give the client's id.")
        if not secrets.get(SecretField.OAUTH_CLIENT_SECRET):
            words = f"The secret of the OAuth client {oauth.client_id} is not known here."
            return LoginGap(SecretField.OAUTH_CLIENT_SECRET, words, "Give the client secret.", secret=True)
        return None

    def exchange(self, sasl: Sasl, material: LoginMaterial) -> Exchange:
        """The token. A refusal is a challenge with the broker's error for it (RFC 7628)."""
        extensions = sasl.oauth.extensions if sasl.oauth is not None else {}
        more = "".join(f"{name}={value}\x01" for name, value in extensions.items())
        answer = yield f"n,,\x01auth=Bearer {material.token}\x01{more}\x01".encode()
        if answer.refusal:
            words = f"{answer.refusal} The token says {claims_of(material.token)}."
            raise LoginRefused("login_refused", words)
        if answer.data:
            yield b"\x01"  # what RFC 7628 wants; the broker then ends it
            reply = answer.data.decode(errors="replace")
            words = f"The broker refuses the token and says {reply}. The token says {claims_of(material.token)}."
            raise LoginRefused("login_refused", words, "Compare these with the issuer and audience it expects.")

    def constants(self) -> Mapping[str, str]:
        """Returns the fixed settings."""
        return {"sasl.oauthbearer.method": "oidc"}


def _extension_options(options: Mapping[str, str]) -> dict[str, str]:
    return {key.removeprefix(_EXTENSION): value for key, value in options.items() if key.startswith(_EXTENSION)}


def claims_of(token: str) -> str:
    """Returns the claims of a token that a broker checks; none of them is secret."""
    part = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return ", ".join(f"{name} {claims.get(name, 'nothing')}" for name in ("iss", "aud", "sub", "exp"))
