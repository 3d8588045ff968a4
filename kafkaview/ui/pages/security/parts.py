"""The parts of the page. Each is read on its own, so that one missing right leaves the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from kafkaview.engine.port import Engine
from kafkaview.security.grant_line import DESCRIBE_CLUSTER, DESCRIBE_CONFIGS_OF_CLUSTER


class Part(StrEnum):
    """A part; the value is its word in places."""

    MATRIX = "matrix"
    ACLS = "acls"
    USERS = "users"
    QUOTAS = "quotas"
    TOKENS = "tokens"
    CERTIFICATES = "certificates"


@dataclass(frozen=True, slots=True)
class About:
    """What is said of a part. `grant` is the right to read it, as kafka-acls.sh spells it; `plural` goes into "You may
    not see ...".
    """

    title: str
    plural: str
    asking: str
    grant: tuple[str, ...]
    empty: str
    meaning: str


ABOUT: Final[Mapping[Part, About]] = {
    Part.MATRIX: About("Matrix", "the ACLs", "Asking for every ACL", DESCRIBE_CLUSTER, "", ""),
    Part.ACLS: About(
        "ACLs",
        "the ACLs",
        "Asking for every ACL",
        DESCRIBE_CLUSTER,
        "No ACL stands",
        "There is an authorizer and no rule: only super users may do anything, or everybody where"
        " allow.everyone.if.no.acl.found is true.",
    ),
    Part.USERS: About(
        "Users",
        "the SCRAM users",
        "Asking for the SCRAM users",
        DESCRIBE_CLUSTER,
        "No SCRAM user",
        "The cluster keeps no password for SCRAM-SHA-256 or SCRAM-SHA-512. Other logins need no entry here.",
    ),
    Part.QUOTAS: About(
        "Quotas",
        "the client quotas",
        "Asking for the client quotas",
        DESCRIBE_CONFIGS_OF_CLUSTER,
        "No client quota",
        "Nobody is held back: every client may produce, fetch and ask as fast as the brokers answer.",
    ),
    Part.TOKENS: About(
        "Tokens",
        "the delegation tokens",
        "Asking for delegation tokens",
        DESCRIBE_CLUSTER,
        "No delegation token that you may see",
        "Tokens of others are seen with DESCRIBE on DelegationToken.",
    ),
    Part.CERTIFICATES: About(
        "Certificates",
        "the listeners",
        "Shaking hands with every listener",
        DESCRIBE_CONFIGS_OF_CLUSTER,
        "No listener is known",
        "No broker tells of one.",
    ),
}

READS: Final[Mapping[Part, Callable[[Engine], Awaitable[Any]]]] = {
    Part.ACLS: lambda engine: engine.rules(),
    Part.USERS: lambda engine: engine.scram_users(),
    Part.QUOTAS: lambda engine: engine.quotas(),
    Part.TOKENS: lambda engine: engine.tokens(),
    Part.CERTIFICATES: lambda engine: engine.certificates(),
}
