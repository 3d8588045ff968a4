"""ACL requests with numeric codes. kafka-python's own calls fail on an operation or resource type that it does not
know.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, TypeVar

from kafka.protocol.admin import (  # type: ignore[import-untyped]
    CreateAclsRequest,
    DeleteAclsRequest,
    DescribeAclsRequest,
)

from kafkaview.cluster.damage import listing, reading, rows_of, text_of
from kafkaview.cluster.errors import RefusedHere
from kafkaview.cluster.kafka.controller_requests import send_to_controller
from kafkaview.cluster.kafka.refusals import ALTER, DESCRIBE, check
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.security import Acl, Operation, PatternType, Permission, ResourceType

_ANY: Final = 1  # in a filter; the same for types, patterns, operations and permissions
EVERY_ACL: Final = {
    "resource_type_filter": _ANY,
    "resource_name_filter": None,
    "pattern_type_filter": _ANY,
    "principal_filter": None,
    "host_filter": None,
    "operation": _ANY,
    "permission_type": _ANY,
}
_WITH_PATTERNS: Final = 1  # the least version: before it every name was literal

C = TypeVar("C", ResourceType, PatternType, Operation, Permission)


async def list_acls(wire: BrokerRequests) -> tuple[Acl, ...]:
    """Returns every ACL, ordered by resource, then principal."""
    doing = "reading the ACLs"
    answer = await wire.send_any(DescribeAclsRequest(**EVERY_ACL, min_version=_WITH_PATTERNS), doing)
    check(answer.error_code, doing, DESCRIBE, answer.error_message)
    found = (_read(resource, row) for resource in listing(answer.resources, doing) for row in rows_of(resource.acls))
    return tuple(sorted(found, key=order))


def order(acl: Acl) -> tuple[Any, ...]:
    """Returns the sort key of an ACL: resource, then principal."""
    resource = (acl.resource_type.code, acl.name, acl.pattern.code)
    return (*resource, acl.principal, acl.host, acl.operation.code, acl.permission.code)


async def create(wire: BrokerRequests, acls: Sequence[Acl]) -> None:
    """Creates ACLs. The broker accepts those that exist already without an error."""
    if not acls:
        return
    doing = "creating ACLs"
    rows = [CreateAclsRequest.AclCreation(*_fields_of(acl)) for acl in acls]
    request = CreateAclsRequest(creations=rows, min_version=_WITH_PATTERNS)
    answer = await send_to_controller(wire, request, doing, lambda response: int(response.results[0].error_code))
    with reading(doing):
        for row in answer.results:
            check(row.error_code, doing, ALTER, row.error_message)


async def delete(wire: BrokerRequests, acls: Collection[Acl]) -> None:
    """Deletes exactly these ACLs, each by a filter that matches it alone."""
    if not acls:
        return
    doing = "deleting ACLs"
    filters = [DeleteAclsRequest.DeleteAclsFilter(*_fields_of(acl)) for acl in acls]
    request = DeleteAclsRequest(filters=filters, min_version=_WITH_PATTERNS)
    answer = await send_to_controller(wire, request, doing, lambda response: int(response.filter_results[0].error_code))
    with reading(doing):
        for result in answer.filter_results:
            check(result.error_code, doing, ALTER, result.error_message)
            for row in result.matching_acls:
                check(row.error_code, doing, ALTER, row.error_message)


def _fields_of(acl: Acl) -> tuple[int | str, ...]:
    """Returns the fields of an ACL as both requests send them. Raises RefusedHere for a code that is unknown here."""
    codes = (acl.resource_type.code, acl.pattern.code, acl.operation.code, acl.permission.code)
    if 0 in codes:
        raise RefusedHere("An ACL has a type or an operation that this kafkaview does not know.", "Use Kafka's tool.")
    resource_type, pattern, operation, permission = codes
    return resource_type, acl.name, pattern, acl.principal, acl.host, operation, permission


def _read(resource: Any, row: Any) -> Acl:
    return Acl(
        _kind_of(ResourceType, resource.resource_type),
        text_of(resource.resource_name),
        _kind_of(PatternType, resource.pattern_type),
        text_of(row.principal),
        text_of(row.host),
        _kind_of(Operation, row.operation),
        _kind_of(Permission, row.permission_type),
    )


def _kind_of(kind: type[C], code: int) -> C:
    try:
        return kind(code)
    except ValueError:
        return kind(0)
