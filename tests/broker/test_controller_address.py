"""The address of a KRaft controller given as a broker's."""

from __future__ import annotations

import pytest

from kafkaview.cluster.errors import ControllerAddress
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.profiles.profile import ConnectionProfile
from tests.broker.examining import examined, guilty, plain


@pytest.fixture
def controller(kafka: EmbeddedKafka) -> str:
    """Where the session's broker, which is a controller too, listens as one."""
    return f"127.0.0.1:{kafka.nodes[0].controller_port}"


async def test_the_doctor_names_a_controller_and_the_broker_beside_it(kafka: EmbeddedKafka, controller: str) -> None:
    step = await guilty(plain(controller))
    assert (step.step, step.cause, step.field) == (DiagnosisLayer.API, Cause.CONTROLLER_ADDRESS, "bootstrap")
    assert "clients must connect to a broker" in step.detail
    assert kafka.bootstrap in step.hint


async def test_every_verb_names_it(kafka: EmbeddedKafka, controller: str) -> None:
    cluster = open_cluster(ConnectionProfile("test", f"{controller},{controller}"))
    try:
        with pytest.raises(ControllerAddress, match="a KRaft controller answers there") as failure:
            await cluster.groups()
    finally:
        await cluster.close()
    assert kafka.bootstrap in failure.value.hint


async def test_a_controller_beside_a_broker_does_no_harm(kafka: EmbeddedKafka, controller: str) -> None:
    diagnosis = await examined(plain(f"{controller},{kafka.bootstrap}"))
    assert diagnosis.ok
    assert any("clients must connect to a broker" in step.detail for step in diagnosis.steps)
