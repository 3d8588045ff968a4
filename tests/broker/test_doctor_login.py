"""A login that is refused, missing or not wanted, and tokens that go wrong."""

from __future__ import annotations

import pytest

from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import (
    Protocol,
    Sasl,
    SecretField,
    Secrets,
    Security,
)
from tests.broker import false_servers as false
from tests.broker.examining import at, guilty
from tests.broker.secure_kafka import PASSWORDS, SecureKafka


async def test_a_login_where_there_is_none_is_sasl_not_enabled(secure_kafka: SecureKafka) -> None:
    way = at(secure_kafka.way("SASL_PLAINTEXT", mechanism="PLAIN"), secure_kafka.bootstrap("PLAINTEXT"))
    step = await guilty(way)
    assert (step.step, step.cause) == (DiagnosisLayer.SASL, Cause.SASL_NOT_ENABLED)


@pytest.mark.parametrize(("listener", "without"), [("SASL_PLAINTEXT", "PLAINTEXT"), ("SASL_SSL", "SSL")])
async def test_no_login_where_one_is_wanted_is_sasl_needed(
    secure_kafka: SecureKafka, listener: str, without: str
) -> None:
    step = await guilty(at(secure_kafka.way(without), secure_kafka.bootstrap(listener)))
    assert (step.step, step.cause) == (DiagnosisLayer.SASL, Cause.SASL_NEEDED)
    assert "SCRAM-SHA-512" in step.detail
    assert listener in step.hint


async def test_a_mechanism_that_is_not_offered_is_told_with_those_that_are(secure_kafka: SecureKafka) -> None:
    step = await guilty(secure_kafka.way("SCRAM256", mechanism="PLAIN"))
    assert (step.step, step.cause, step.hint) == (
        DiagnosisLayer.SASL,
        Cause.MECHANISM_NOT_OFFERED,
        "Choose SCRAM-SHA-256.",
    )


@pytest.mark.parametrize(
    ("mechanism", "user", "password", "cause"),
    [
        ("PLAIN", "alice", "not-hers", Cause.BAD_CREDENTIALS),
        ("PLAIN", "mallory", "anything", Cause.BAD_CREDENTIALS),
        ("SCRAM-SHA-256", "alice", "not-hers", Cause.WRONG_PASSWORD),
        ("SCRAM-SHA-512", "alice", "not-hers", Cause.WRONG_PASSWORD),
        ("SCRAM-SHA-256", "mallory", "anything", Cause.UNKNOWN_USER),
        ("SCRAM-SHA-512", "nobody", PASSWORDS["nobody"], Cause.UNKNOWN_USER),  # has SHA-256 alone
    ],
)
@pytest.mark.parametrize("listener", ["SASL_PLAINTEXT", "SASL_SSL"])
async def test_a_refused_login_tells_all_that_can_be_known(
    secure_kafka: SecureKafka, listener: str, mechanism: str, user: str, password: str, cause: Cause
) -> None:
    step = await guilty(secure_kafka.way(listener, mechanism=mechanism, user=user, password=password))
    assert (step.step, step.cause) == (DiagnosisLayer.SASL, cause)
    assert "The broker says: Authentication failed" in step.detail


async def test_a_listener_that_hangs_up_at_the_login_gives_no_reason() -> None:
    security = Security(Protocol.SASL_PLAINTEXT, sasl=Sasl("PLAIN", "alice"))
    secrets = Secrets({SecretField.SASL_PASSWORD: "wonder-8Xland"})
    for then, cause in ((false.closing, Cause.LOGIN_REFUSED), (false.silent, Cause.SILENT)):
        async with false.serving(false.broker(12, then=then)) as port:
            step = await guilty((ConnectionProfile("p", f"127.0.0.1:{port}", security=security), secrets))
        assert (step.step, step.cause) == (DiagnosisLayer.SASL, cause)


@pytest.mark.parametrize(
    ("at_endpoint", "cause"),
    [
        ("slow", Cause.TOKEN_ENDPOINT_UNREACHABLE),
        ("broken", Cause.TOKEN_ENDPOINT_UNREACHABLE),
        ("html", Cause.TOKEN_INVALID),
        ("opaque", Cause.TOKEN_INVALID),
        ("expired", Cause.TOKEN_INVALID),
        ("wrong-audience", Cause.LOGIN_REFUSED),
    ],
)
async def test_a_token_goes_wrong_for_its_own_reason(secure_kafka: SecureKafka, at_endpoint: str, cause: Cause) -> None:
    endpoint = f"{secure_kafka.oidc.token_endpoint}/{at_endpoint}"
    step = await guilty(secure_kafka.way("SASL_SSL", mechanism="OAUTHBEARER", token_endpoint=endpoint))
    assert (step.step, step.cause) == (DiagnosisLayer.SASL, cause)


async def test_the_broker_gives_no_reason_for_a_token_so_its_claims_are_shown(secure_kafka: SecureKafka) -> None:
    endpoint = f"{secure_kafka.oidc.token_endpoint}/wrong-audience"
    step = await guilty(secure_kafka.way("SASL_SSL", mechanism="OAUTHBEARER", token_endpoint=endpoint))
    assert "aud somebody else" in step.detail


async def test_a_wrong_client_secret_and_a_missing_endpoint_are_told(
    secure_kafka: SecureKafka, closed_port: int
) -> None:
    bearer = "OAUTHBEARER"
    step = await guilty(secure_kafka.way("SASL_SSL", mechanism=bearer, password="not-the-secret"))  # noqa: S106
    assert (step.cause, step.field) == (Cause.TOKEN_REFUSED, "oauth_client_secret")
    assert "invalid_client" in step.detail
    endpoint = f"http://127.0.0.1:{closed_port}/token"
    step = await guilty(secure_kafka.way("SASL_SSL", mechanism=bearer, token_endpoint=endpoint))
    assert step.cause is Cause.TOKEN_ENDPOINT_UNREACHABLE
