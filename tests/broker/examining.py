"""A diagnosis for the tests, and what holds for each: in time, in order, no secret told, nothing tried after it."""

from __future__ import annotations

import time
from dataclasses import replace

from kafkaview.doctor.diagnose import diagnose
from kafkaview.doctor.diagnosis import Diagnosis, DiagnosisLayer, DiagnosisStep
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import (
    Certificate,
    Protocol,
    Secrets,
    Security,
    Tls,
)
from tests.broker.secure_kafka import SecureKafka
from tests.kit.patience import patience

Way = tuple[ConnectionProfile, Secrets]
LIMIT_S = 10.0
NOWHERE = "broker-7.kafkaview.invalid"


async def examined(way: Way) -> Diagnosis:
    """The diagnosis, and that what it always holds is so: time, order, no secret, nothing tried after the cause."""
    reported: list[DiagnosisStep] = []
    began = time.monotonic()
    diagnosis = await diagnose(*way, reported.append)
    assert time.monotonic() - began < patience(LIMIT_S)
    order = list(DiagnosisLayer)
    assert [order.index(step.step) for step in diagnosis.steps] == sorted(
        order.index(step.step) for step in diagnosis.steps
    )
    ends = {(step.step, step.target): step for step in reported if step.ok is not None or step.detail}
    assert set(ends.values()) == set(diagnosis.steps), "every step is reported as it ends"
    for step in diagnosis.steps:
        assert (step.cause is not None) == (step.ok is False), step
        assert step.detail
        assert step.hint or step.ok is not False, step
        assert "timed out" not in step.detail.lower()
    text = repr(diagnosis)
    for field in way[1].fields():
        secret = way[1].get(field) or ""
        assert len(secret) < 4 or secret not in text
    return diagnosis


async def guilty(way: Way) -> DiagnosisStep:
    """The step with the first cause."""
    diagnosis = await examined(way)
    assert diagnosis.cause is not None, diagnosis
    return next(step for step in diagnosis.steps if step.cause is diagnosis.cause)


def plain(bootstrap: str, **more: object) -> Way:
    return ConnectionProfile("plain", bootstrap, **more), Secrets()  # type: ignore[arg-type]


def encrypted(bootstrap: str, tls: Tls | None = None) -> Way:
    return ConnectionProfile("tls", bootstrap, security=Security(Protocol.SSL, tls or Tls())), Secrets()


def at(way: Way, bootstrap: str) -> Way:
    return replace(way[0], bootstrap=bootstrap), way[1]


def client(kafka: SecureKafka, **files: str) -> Tls:
    return Tls(ca_file=kafka.certificates.ca_file, certificate=Certificate(**files))
