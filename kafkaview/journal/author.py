"""Who makes a write: the user of the operating system, and the principal as far as the connection tells it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kafkaview import __version__
from kafkaview.journal.entry import Author
from kafkaview.profiles.security import Secrets

if TYPE_CHECKING:
    from kafkaview.profiles.profile import ConnectionProfile


def author_of(profile: ConnectionProfile | None = None, secrets: Secrets | None = None) -> Author:
    """Returns who writes over a connection. Blocks on the file of a client certificate."""
    principal = _principal(profile, secrets or Secrets()) if profile is not None else None
    return Author(_os_user(), principal, __version__)


def _principal(profile: ConnectionProfile, secrets: Secrets) -> str | None:
    """Returns the name that the broker most likely has for us: its own rules may map it to another. None if the login
    does not tell it.
    """
    security = profile.security
    if security.protocol.sasl:
        return f"User:{security.login}" if security.login else None
    if not security.protocol.tls or security.tls.certificate is None:
        return "User:ANONYMOUS"
    from kafkaview.cluster.errors import ClusterError
    from kafkaview.cluster.tls.files import read_material  # heavy, and few have a certificate

    try:
        identity = read_material(security.tls, secrets).identity
    except ClusterError:
        return None
    return f"User:{identity.certificate.subject.rfc4514_string()}" if identity is not None else None


def _os_user() -> str:
    """Returns the account's name, or its number where it has none: a variable of the environment may say anything."""
    try:
        import pwd
    except ImportError:  # Windows
        import getpass

        return getpass.getuser()
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
