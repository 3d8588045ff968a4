"""Sentences about what is wrong with a field: for the form while it is filled, and for what may not be saved.

No file and no socket is opened here: the doctor does that. No sentence quotes a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from kafkaview.profiles.addresses import servers, split_login, split_servers
from kafkaview.profiles.connection_field import check_pairs, pairs
from kafkaview.profiles.key_stores import holds_bare_key

TOPIC: Final = "{topic}"
_NOT_OF_TOPIC: Final = re.compile(r"[^a-zA-Z0-9._-]")
_SECURITY: Final = ("sasl.", "ssl.", "security.", "enable.ssl.", "bootstrap.", "metadata.broker.list")


def needs(sentence: str) -> Callable[[str], str]:
    """Makes the check of a field that may not be empty."""
    return lambda text: "" if text.strip() else sentence


def check_bootstrap(text: str) -> str:
    """Checks HOST:PORT for each server."""
    named = split_servers(text)
    if not named:
        return "Name at least one broker: host:9092"
    return next((wrong for wrong in map(_check_server, named) if wrong), "")


def _check_server(server: str) -> str:
    host, colon, port = server.rpartition(":")
    if not colon or not host:
        return f"{server} names no port: {server.strip(':')}:9092"
    if not port.isascii() or not port.isdecimal() or not 0 < int(port) < 65536:
        return f"{server}: a port is a number from 1 to 65535"
    if "/" in host or " " in host:
        return f"{server} is not host:port"
    return ""


def check_settings(text: str) -> str:
    """Checks `key=value` lines, and that none of them is about security."""
    own = next((key for key in pairs(text) if key.startswith(_SECURITY)), "")
    return check_pairs(text) or (f"{own} belongs to the fields above, where no secret gets into a file" if own else "")


def check_url(subject: str) -> Callable[[str], str]:
    """Makes the check of an address with http or https; an empty one passes."""

    def check(text: str) -> str:
        url = text.strip()
        wrong = bool(url) and not url.startswith(("http://", "https://"))
        return f"{subject} is a URL: https://host:port" if wrong else ""

    return check


def check_queue(text: str) -> str:
    """Checks the name of dead letter queues, in which `{topic}` stands for a topic's name; an empty one passes."""
    odd = _NOT_OF_TOPIC.search(text.strip().replace(TOPIC, ""))
    if odd is None:
        return ""
    return f"“{odd[0]}” cannot be in a topic's name. Write {TOPIC} where the name of the records' topic stands"


def check_certificate(text: str) -> str:
    """Checks that a certificate is pasted."""
    return "" if "-----BEGIN CERTIFICATE-----" in text else "Paste the certificate, from -----BEGIN CERTIFICATE----- on"


def check_certificate_and_key(text: str) -> str:
    """Checks that a certificate is pasted and a key below it, encrypted, since it is written to a file."""
    if check_certificate(text):
        return check_certificate(text)
    if "PRIVATE KEY-----" not in text:
        return "Paste the encrypted private key below the certificate"
    if holds_bare_key(text):
        return "This key is not encrypted and would stand in a file. Encrypt it: openssl pkcs8 -topk8 -in key.pem"
    return ""


def refuse_name(name: str) -> str:
    """Refuses an empty name, or one of several lines or with bytes that are no text."""
    if not name.strip():
        return "A connection needs a name."
    odd = next((one for one in name if not one.isprintable()), None)
    return "" if odd is None else f"The name of a connection is text of one line, which '{odd}' cannot be in."


def refuse_bootstrap(text: str) -> str:
    """Refuses what is not HOST:PORT."""
    try:
        servers(text)
    except ValueError as wrong:
        return str(wrong)
    return ""


def refuse_bare_key(sentence: str) -> Callable[[str], str]:
    """Makes the refusal of a private key that no passphrase protects."""
    return lambda pem: sentence if holds_bare_key(pem) else ""


def refuse_login(url: str) -> str:
    """Refuses a password in an address."""
    try:
        _, _, password = split_login(url)
    except ValueError:
        password = "@" if "@" in url else ""
    return "A password stands in the URL; it belongs into the keyring." if password else ""
