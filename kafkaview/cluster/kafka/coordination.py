"""The coordination of a cluster: API versions of every broker, then the followers from the quorum's leader."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kafka.protocol.metadata import ApiVersionsRequest  # type: ignore[import-untyped]

from kafkaview.cluster.errors import ClusterError, NotAuthorized
from kafkaview.cluster.kafka.coordination_mode import Sides, mode_of, sides_of
from kafkaview.cluster.kafka.features import features_of
from kafkaview.cluster.kafka.quorum_leader import QuorumReading
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.coordination import Coordination, CoordinationMode
from kafkaview.cluster.ports.unseen import Unseen
from kafkaview.terms import ClusterInfo


async def coordination(wire: BrokerRequests, reading: QuorumReading, info: ClusterInfo) -> Coordination:
    """Returns how the cluster that `info` describes is coordinated."""
    answers = await _versions(wire)
    sides = sides_of(answers)
    by_brokers = await _ask_brokers(reading, info, answers, sides)
    silent = [
        Unseen("mode and features", answer, broker=broker)
        for broker, answer in answers.items()
        if isinstance(answer, ClusterError)
    ]
    refused = [] if by_brokers.refused is None else [Unseen("quorum", by_brokers.refused)]
    return replace(
        by_brokers,
        kraft_brokers=sides.kraft,
        zookeeper_brokers=sides.zookeeper,
        unseen=(*silent, *refused),
    )


async def _ask_brokers(
    reading: QuorumReading, info: ClusterInfo, answers: Mapping[int, Any], sides: Sides
) -> Coordination:
    mode, evidence = mode_of(answers)
    by_brokers = Coordination(mode, evidence, None, None, None, features_of(answers), info.brokers)
    if mode is CoordinationMode.ZOOKEEPER:
        return replace(by_brokers, controller_id=info.controller_id)
    return await _with_quorum(by_brokers, reading, sides) if sides.kraft else by_brokers


async def _with_quorum(by_brokers: Coordination, reading: QuorumReading, sides: Sides) -> Coordination:
    try:
        sight = await reading.read(sides.kraft)
    except NotAuthorized as refused:
        return replace(by_brokers, refused=refused)
    quorum = sight.quorum
    return replace(
        by_brokers,
        evidence=(*by_brokers.evidence, *sight.evidence),
        controller_id=quorum.leader_id,
        controller_epoch=quorum.leader_epoch,
        quorum=quorum,
    )


async def _versions(wire: BrokerRequests) -> dict[int, Any]:
    """Returns the ApiVersions of each broker, or its error."""
    brokers = await wire.broker_ids()
    request = ApiVersionsRequest(client_software_name="kafkaview", client_software_version="0", min_version=3)
    answers = await asyncio.gather(
        *(wire.send(request, broker, f"asking broker {broker} what it takes") for broker in brokers),
        return_exceptions=True,
    )
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, ClusterError):
            raise answer
    return dict(zip(brokers, answers, strict=True))
