"""The command of Kafka's own tool that gives a right, for an admin."""

from __future__ import annotations

import shlex
from typing import Final

from kafkaview.command_words import shell_line
from kafkaview.profiles.profile import ConnectionProfile

DESCRIBE_CLUSTER: Final = ("--operation", "Describe", "--cluster")
DESCRIBE_CONFIGS_OF_CLUSTER: Final = ("--operation", "DescribeConfigs", "--cluster")


def principal_of(profile: ConnectionProfile) -> str:
    """Returns the principal of this connection, as far as the profile says it."""
    return f"User:{profile.security.login or 'ANONYMOUS'}"


def grant_line(profile: ConnectionProfile, grant: tuple[str, ...] = DESCRIBE_CLUSTER) -> str:
    """Returns the command for an admin; `grant` names operation and resource as kafka-acls.sh spells them."""
    server = ("kafka-acls.sh", "--bootstrap-server", profile.bootstrap)
    return shell_line(shlex.join((*server, "--add", "--allow-principal", principal_of(profile), *grant)))
