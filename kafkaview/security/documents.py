"""ACLs and quota entities as JSON, on the command line and in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from kafkaview.cluster.ports.security import Acl, Operation, PatternType, Permission, QuotaEntity, ResourceType
from kafkaview.command_words import option_words
from kafkaview.fields import row_document
from kafkaview.security.listed_columns import ACL_FIELDS


def acl_document(acl: Acl) -> dict[str, str]:
    """Returns one ACL in Kafka's own enum names."""
    return row_document(ACL_FIELDS, acl)


def acl_of(text: str) -> Acl:
    """Returns the ACL of a JSON text. Raises ValueError."""
    try:
        return acl_of_document(json.loads(text))
    except (ValueError, KeyError, TypeError) as failure:
        raise ValueError(f"'{text}' is no ACL as `kafkaview acls --json` prints it ({failure})") from failure


def acl_of_document(document: Mapping[str, str]) -> Acl:
    """Returns the ACL of an `acl_document`. Raises KeyError, TypeError."""
    return Acl(
        ResourceType[document["resource_type"]],
        document["name"],
        PatternType[document["pattern"]],
        document["principal"],
        document["host"],
        Operation[document["operation"]],
        Permission[document["permission"]],
    )


def acl_options(acls: Sequence[Acl]) -> tuple[str, ...]:
    """Returns the options of `acls create` and `acls delete` for these ACLs."""
    shared = {(a.resource_type, a.name, a.pattern, a.principal, a.host, a.permission) for a in acls}
    if len(shared) != 1:
        return tuple(word for acl in acls for word in option_words("--acl", _json_text(acl)))
    first = acls[0]
    operations = (word for acl in acls for word in ("--operation", acl.operation.name))
    return (
        *option_words("--principal", first.principal),
        *option_words("--resource", f"{first.resource_type.name}:{first.name}"),
        *("--pattern", first.pattern.name),
        *operations,
        *option_words("--host", first.host),
        *(("--deny",) if first.permission is Permission.DENY else ()),
    )


def _json_text(acl: Acl) -> str:
    return json.dumps(acl_document(acl), ensure_ascii=False, separators=(",", ":"))


def entity_options(entity: QuotaEntity) -> tuple[str, ...]:
    """Returns the options of `quotas set` for an entity."""
    return tuple(
        word
        for kind, name in entity.parts
        for word in (option_words(f"--{kind}", name) if name is not None else ("--default", kind))
    )
