"""What is wrong with a form, in a sentence for each field. No files and sockets: the doctor looks at
those.
"""

from __future__ import annotations

from collections.abc import Collection

from kafkaview.profiles.security import Mechanism
from kafkaview.ui.pages.connections.form import PASSWORDS, FormValues, Proof, Trust, WebCas, pairs, servers, shown

_SECURITY = ("sasl.", "ssl.", "security.", "enable.ssl.", "bootstrap.", "metadata.broker.list")


def problems(values: FormValues, taken: Collection[str] = ()) -> dict[str, str]:
    """A sentence for each field that keeps the form from being saved; `taken` are the names of the other profiles."""
    found = {
        "name": _name(values.name.strip(), taken),
        "bootstrap": _bootstrap(values.bootstrap),
        "settings": _settings(values.settings),
        "registry_url": _url(values.registry_url, "The registry"),
        **(_tls(values) if values.uses_tls else {}),
        **(_login(values) if values.protocol.sasl else {}),
        **_web(values),
    }
    visible = shown(values)
    return {name: sentence for name, sentence in found.items() if sentence and name in visible}


def _name(name: str, taken: Collection[str]) -> str:
    if not name:
        return "A connection needs a name"
    return f"There is a connection called {name} already" if name in taken else ""


def _bootstrap(text: str) -> str:
    named = servers(text)
    if not named:
        return "Name at least one broker: host:9092"
    return next((wrong for wrong in map(_server, named) if wrong), "")


def _server(server: str) -> str:
    host, colon, port = server.rpartition(":")
    if not colon or not host:
        return f"{server} names no port: {server.strip(':')}:9092"
    if not port.isascii() or not port.isdecimal() or not 0 < int(port) < 65536:
        return f"{server}: a port is a number from 1 to 65535"
    if "/" in host or " " in host:
        return f"{server} is not host:port"
    return ""


def _settings(text: str) -> str:
    found, wrong = pairs(text)
    if wrong:
        return f"“{wrong}” is not key=value"
    own = next((key for key in found if key.startswith(_SECURITY)), "")
    return f"{own} belongs to the fields above, where no secret gets into a file" if own else ""


def _url(text: str, what: str) -> str:
    url = text.strip()
    return f"{what} is a URL: https://host:port" if url and not url.startswith(("http://", "https://")) else ""


def _tls(values: FormValues) -> dict[str, str]:
    found: dict[str, str] = {}
    if values.trust is Trust.CA_FILE:
        found["ca_file"] = _needed(values.ca_file, "Choose the PEM file of the certificate authority")
    if values.trust is Trust.CA_PEM:
        found["ca_pem"] = _pem(values.ca_pem)
    if values.trust is Trust.TRUSTSTORE:
        found["truststore_file"] = _needed(values.truststore_file, "Choose the truststore")
    if values.proof is Proof.FILES:
        found["certificate_file"] = _needed(values.certificate_file, "Choose the PEM file of the certificate")
    if values.proof is Proof.PEM:
        found["certificate_pem"] = _pem(values.certificate_pem) or _open_key(values.certificate_pem)
    if values.proof is Proof.KEYSTORE:
        found["pkcs12_file"] = _needed(values.pkcs12_file, "Choose the keystore")
    return found


def _web(values: FormValues) -> dict[str, str]:
    if values.web_trust is WebCas.CA_FILE:
        return {"web_ca_file": _needed(values.web_ca_file, "Choose the PEM file of the certificate authority")}
    return {"web_ca_pem": _pem(values.web_ca_pem)} if values.web_trust is WebCas.CA_PEM else {}


def _login(values: FormValues) -> dict[str, str]:
    if values.mechanism in PASSWORDS:
        return {"username": _needed(values.username, f"{values.mechanism} needs a user")}
    if values.mechanism is Mechanism.OAUTHBEARER:
        endpoint = _needed(values.token_endpoint, "OAUTHBEARER needs the URL that gives the token")
        return {
            "token_endpoint": endpoint or _url(values.token_endpoint, "The token endpoint"),
            "client_id": _needed(values.client_id, "OAUTHBEARER needs a client"),
            "extensions": _extensions(values.extensions),
        }
    return {"service_name": _needed(values.service_name, "Kerberos needs the service's name, mostly kafka")}


def _extensions(text: str) -> str:
    wrong = pairs(text)[1]
    return f"“{wrong}” is not key=value" if wrong else ""


def _needed(text: str, sentence: str) -> str:
    return "" if text.strip() else sentence


def _pem(text: str) -> str:
    return "" if "-----BEGIN CERTIFICATE-----" in text else "Paste the certificate, from -----BEGIN CERTIFICATE----- on"


def _open_key(text: str) -> str:
    """A pasted key would stand in the profile's file: only an encrypted one may."""
    if "PRIVATE KEY-----" not in text:
        return "Paste the encrypted private key below the certificate"
    if "BEGIN ENCRYPTED PRIVATE KEY" in text or "Proc-Type: 4,ENCRYPTED" in text:
        return ""
    return "This key is not encrypted and would stand in a file. Encrypt it: openssl pkcs8 -topk8 -in key.pem"
