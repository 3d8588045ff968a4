"""Client quota requests (KIP-546)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kafka.protocol.admin import (  # type: ignore[import-untyped]
    AlterClientQuotasRequest,
    DescribeClientQuotasRequest,
)

from kafkaview.cluster.damage import listing, reading, rows_of, text_of
from kafkaview.cluster.kafka.controller_requests import send_to_controller
from kafkaview.cluster.kafka.refusals import ALTER_CONFIGS, DESCRIBE_CONFIGS, check
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.security import Quota, QuotaEntity

_TYPES: Final = ("user", "client-id", "ip")  # the order in which an entity is spoken of


async def list_quotas(wire: BrokerRequests) -> tuple[Quota, ...]:
    """Returns every quota, ordered by entity."""
    doing = "reading the quotas"
    answer = await wire.send_any(DescribeClientQuotasRequest(components=[], strict=False), doing)
    check(answer.error_code, doing, DESCRIBE_CONFIGS, answer.error_message)
    found = [
        Quota(
            entity_of([(text_of(part.entity_type), part.entity_name) for part in rows_of(entry.entity)]),
            dict(sorted((text_of(limit.key), limit.value) for limit in rows_of(entry.values))),
        )
        for entry in listing(answer.entries, doing)
    ]
    return tuple(sorted(found, key=lambda quota: [(kind, name or "") for kind, name in quota.entity.parts]))


def entity_of(parts: list[tuple[str, str | None]]) -> QuotaEntity:
    """Returns an entity with its parts in a fixed order, so that equal entities compare equal."""
    places = {kind: place for place, kind in enumerate(_TYPES)}
    return QuotaEntity(tuple(sorted(parts, key=lambda part: (places.get(part[0], len(_TYPES)), part[0]))))


async def alter(
    wire: BrokerRequests, entity: QuotaEntity, limits: Mapping[str, float | None], *, validate_only: bool = False
) -> None:
    """Sets limits and removes those that are None; or only validates the change."""
    doing = "setting a quota"
    entry = AlterClientQuotasRequest.EntryData
    parts = [entry.EntityData(entity_type=kind, entity_name=name) for kind, name in entity.parts]
    ops = [entry.OpData(key=key, value=limit or 0.0, remove=limit is None) for key, limit in limits.items()]
    request = AlterClientQuotasRequest(entries=[entry(entity=parts, ops=ops)], validate_only=validate_only)
    answer = await send_to_controller(wire, request, doing, lambda response: int(response.entries[0].error_code))
    with reading(doing):
        for row in answer.entries:
            check(row.error_code, doing, ALTER_CONFIGS, row.error_message)
