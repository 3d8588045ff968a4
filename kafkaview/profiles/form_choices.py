"""Choices of the form that the profile does not store: they follow from which of its fields are filled."""

from __future__ import annotations

from enum import StrEnum


class Trust(StrEnum):
    """Where the brokers' certificate authorities come from."""

    SYSTEM = "system"
    CA_FILE = "ca_file"
    CA_PEM = "ca_pem"
    TRUSTSTORE = "truststore_file"


class WebCas(StrEnum):
    """Where those come from that web services (https) are trusted by, beside the brokers'."""

    SYSTEM = "system"
    CA_FILE = "web_ca_file"
    CA_PEM = "web_ca_pem"


class Proof(StrEnum):
    """What certificate we show (mTLS)."""

    NONE = "none"
    FILES = "files"
    PEM = "pem"
    KEYSTORE = "keystore"
