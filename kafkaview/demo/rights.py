"""Who may do what on the demo's broker: two users and their ACLs. Its applications do not log in: `User:ANONYMOUS` is a
super user, so that they never meet an ACL.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclBinding, AclOperation, AclPermissionType
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType
from confluent_kafka.admin._scram import (
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialUpsertion,
)

AUTHORIZER: Final[Mapping[str, str]] = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS",
}
_SECONDS: Final = 30.0
_ITERATIONS: Final = 4_096
_USERS: Final = ("billing-service", "auditor")
_TOPIC, _GROUP = ResourceType.TOPIC, ResourceType.GROUP
_NAMED, _PREFIX = ResourcePatternType.LITERAL, ResourcePatternType.PREFIXED
_ACLS: Final = (
    ("billing-service", _TOPIC, "orders", _NAMED, AclOperation.READ, AclPermissionType.ALLOW),
    ("billing-service", _GROUP, "billing", _NAMED, AclOperation.READ, AclPermissionType.ALLOW),
    ("billing-service", _TOPIC, "payments", _NAMED, AclOperation.WRITE, AclPermissionType.ALLOW),
    ("auditor", _TOPIC, "*", _NAMED, AclOperation.READ, AclPermissionType.ALLOW),
    ("auditor", _GROUP, "audit", _PREFIX, AclOperation.READ, AclPermissionType.ALLOW),
    ("auditor", _TOPIC, "payments", _NAMED, AclOperation.READ, AclPermissionType.DENY),
)


def grant_rights(bootstrap: str) -> None:
    """Creates the users, with passwords that nobody knows, and their ACLs."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    scram = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, _ITERATIONS)
    created: list[UserScramCredentialAlteration] = [
        UserScramCredentialUpsertion(user, scram, secrets.token_bytes(16)) for user in _USERS
    ]
    acls = [
        AclBinding(kind, name, pattern, f"User:{user}", "*", operation, permission)
        for user, kind, name, pattern, operation, permission in _ACLS
    ]
    for future in (*admin.alter_user_scram_credentials(created).values(), *admin.create_acls(acls).values()):
        future.result(_SECONDS)
