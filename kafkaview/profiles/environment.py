"""The variables that may hold a secret for one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LOGIN_VARIABLE: Final = "KAFKAVIEW_PASSWORD"
KEY_VARIABLE: Final = "KAFKAVIEW_SSL_KEY_PASSWORD"
TRUST_VARIABLE: Final = "KAFKAVIEW_SSL_TRUSTSTORE_PASSWORD"
REGISTRY_VARIABLE: Final = "KAFKAVIEW_REGISTRY_PASSWORD"
ZOOKEEPER_VARIABLE: Final = "KAFKAVIEW_ZOOKEEPER_PASSWORD"
_VARIABLES: Final = (LOGIN_VARIABLE, KEY_VARIABLE, TRUST_VARIABLE, REGISTRY_VARIABLE, ZOOKEEPER_VARIABLE)


def without_secrets(env: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment for a child process, without secrets: no child of ours needs them."""
    return {name: value for name, value in env.items() if name not in _VARIABLES}
