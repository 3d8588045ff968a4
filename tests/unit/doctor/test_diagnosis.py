"""What a diagnosis comes to, whatever was seen: order, the first cause, exit codes, remedies."""

from __future__ import annotations

from unittest.mock import AsyncMock, Mock

import pytest

from kafkaview.cli.doctor import document, exit_code, print_end
from kafkaview.cli.output import Output
from kafkaview.cluster.tls.files import HINTS, TlsFileProblem
from kafkaview.doctor import rights
from kafkaview.doctor.address import ServerAddress
from kafkaview.doctor.advertised import of_broker
from kafkaview.doctor.chart import Chart
from kafkaview.doctor.diagnose import diagnose, diagnose_keyring
from kafkaview.doctor.diagnosis import Cause, Diagnosis, DiagnosisLayer, DiagnosisStep
from kafkaview.doctor.fault import FailedStep
from kafkaview.doctor.layers import join_outcomes, try_each
from kafkaview.doctor.remedies import REMEDIES
from kafkaview.doctor.rights import Rights
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import SecretField, Secrets
from kafkaview.ui.pages.connections.words import outcome

PLANNED = [(DiagnosisLayer.CONFIG, "p"), (DiagnosisLayer.TCP, "h:1"), (DiagnosisLayer.API, "h:1")]


def test_every_cause_has_a_remedy_of_its_own_words() -> None:
    assert set(REMEDIES) == set(Cause)
    assert all(remedy.hint.endswith(".") for remedy in REMEDIES.values())


def test_what_is_wrong_with_a_file_has_the_same_word_for_clients_and_doctor() -> None:
    assert {flaw.value for flaw in TlsFileProblem} <= {cause.value for cause in Cause}
    assert all(REMEDIES[Cause(flaw.value)].hint == hint for flaw, hint in HINTS.items())


def test_every_field_of_a_remedy_is_one_of_the_profile() -> None:
    for remedy in REMEDIES.values():
        if remedy.field and remedy.field not in set(SecretField):
            assert remedy.field.split(".")[0] in ConnectionProfile.__slots__, remedy


def test_the_first_fault_is_the_cause_and_what_follows_is_untried() -> None:
    heard: list[DiagnosisStep] = []
    chart = Chart(PLANNED, heard.append)
    chart.begin_step(DiagnosisLayer.CONFIG)
    chart.good(DiagnosisLayer.CONFIG, "fine")
    chart.begin_step(DiagnosisLayer.TCP)
    chart.fail_step(FailedStep(DiagnosisLayer.TCP, Cause.FILTERED, "no answer"))
    chart.fail_step(FailedStep(DiagnosisLayer.TLS, Cause.UNKNOWN_CA, "another"), "elsewhere")
    diagnosis = chart.diagnosis()
    assert diagnosis.cause is Cause.FILTERED
    assert not diagnosis.ok
    assert [(step.step, step.ok) for step in diagnosis.steps] == [
        (DiagnosisLayer.CONFIG, True),
        (DiagnosisLayer.TCP, False),
        (DiagnosisLayer.TLS, False),
        (DiagnosisLayer.API, None),
    ]
    assert [(step.step, step.ok) for step in heard[:3]] == [
        (DiagnosisLayer.CONFIG, None),
        (DiagnosisLayer.CONFIG, True),
        (DiagnosisLayer.TCP, None),
    ]


def test_a_connection_that_works_in_part_is_not_called_sound(capsys: pytest.CaptureFixture[str]) -> None:
    chart = Chart(PLANNED[:1], lambda _step: None)
    chart.good(DiagnosisLayer.CONFIG, "fine")
    sound = chart.diagnosis()
    chart.add_gaps(["key.x has no effect here: it is another client's.", "This release lacks what is needed for: ACLs"])
    partial = chart.diagnosis()
    assert partial.ok
    assert list(document(partial)) == ["ok", "cause", "steps"]
    print_end(Output(json=False), sound)
    print_end(Output(json=False), partial)
    said = "key.x has no effect here: it is another client's. This release lacks what is needed for: ACLs."
    assert capsys.readouterr().out.splitlines() == [
        "The connection is sound.",
        f"The connection works. What does not: {said}",
    ]
    assert outcome(sound, 1.0) == "The connection works, in 1 s."
    assert outcome(partial, 1.0).startswith("The connection works, in 1 s. What does not: key.x has no effect here")


def test_what_a_principal_may_not_is_no_part_of_a_sound_connection() -> None:
    partly = "may list only the groups on which it has DESCRIBE (1 group on this broker)"
    refused = "may not read the ACLs (CLUSTER_AUTHORIZATION_FAILED)"
    assert Rights((partly, "may read the quorum", refused, "may write to 1 of 2 topics"), ()).refused == (
        partly,
        refused,
    )


async def test_settings_without_effect_are_gaps() -> None:
    note = "ssl.crl.location has no effect here: certificates that were revoked are not known."
    diagnosis = await diagnose(ConnectionProfile("p", "127.0.0.1:1"), Secrets(), notes=[note])
    assert diagnosis.gaps == (note.removesuffix("."),)


def test_a_time_limit_is_reported_at_the_step_that_was_running() -> None:
    chart = Chart(PLANNED, lambda _step: None)
    chart.begin_step(DiagnosisLayer.API)
    chart.late(9.5)
    assert chart.diagnosis().cause is Cause.SILENT
    assert chart.diagnosis().steps[-1].step is DiagnosisLayer.API


@pytest.mark.parametrize(
    ("step", "cause", "code"),
    [
        (DiagnosisLayer.CONFIG, Cause.KEY_PASSPHRASE_WRONG, 3),
        (DiagnosisLayer.SASL, Cause.WRONG_PASSWORD, 3),
        (DiagnosisLayer.ADVERTISED, Cause.ADVERTISED_UNREACHABLE, 3),
        (DiagnosisLayer.AUTHORIZATION, Cause.NOT_AUTHORIZED, 5),
        (DiagnosisLayer.REGISTRY, Cause.REGISTRY_REFUSED, 1),
        (DiagnosisLayer.ZOOKEEPER, Cause.ZOOKEEPER_NOT_SERVING, 1),
    ],
)
def test_the_exit_code_follows_the_layer(step: DiagnosisLayer, cause: Cause, code: int) -> None:
    noted_before = DiagnosisStep(DiagnosisLayer.DNS, "h", ok=True)
    assert exit_code(Diagnosis((noted_before, DiagnosisStep(step, "t", ok=False, cause=cause)), cause)) == code
    assert exit_code(Diagnosis((noted_before,), None)) == 0


def test_secrets_that_cannot_be_had_end_it_before_anything_is_tried() -> None:
    diagnosis = diagnose_keyring(ConnectionProfile("p", "h:1"), "The keyring is locked.")
    assert diagnosis.cause is Cause.KEYRING_UNAVAILABLE
    assert document(diagnosis)["steps"][0]["cause"] == "keyring_unavailable"
    assert all(step.ok is None for step in diagnosis.steps[1:])


async def test_of_several_servers_one_is_enough_and_the_furthest_fault_counts() -> None:
    faults = {
        "a": FailedStep(DiagnosisLayer.DNS, Cause.UNKNOWN_HOST, "a is unknown."),
        "b": FailedStep(DiagnosisLayer.TLS, Cause.UNKNOWN_CA, "b is untrusted."),
    }

    async def work(server: str) -> int:
        if server in faults:
            raise faults[server]
        return len(server)

    through, lost = await try_each(["a", "good", "b"], work)
    assert through == [("good", 4)]
    assert join_outcomes(["good"], lost) == "good; but a is unknown; but b is untrusted."
    with pytest.raises(FailedStep, match="untrusted"):
        await try_each(["a", "b"], work)


@pytest.mark.parametrize("cause", [Cause.SILENT, Cause.CONNECTION_REFUSED])
def test_a_silent_broker_beside_others_is_named_with_what_is_missing(cause: Cause) -> None:
    used, away = ServerAddress("127.0.0.1", 9091), ServerAddress("127.0.0.1", 9092)
    fault = FailedStep(DiagnosisLayer.API, cause, f"{away} says nothing.")
    step = of_broker(fault, 2, away, used, reached=2)
    assert step.detail.startswith("Broker 2 does not answer: 127.0.0.1:9092 says nothing. 2 other brokers answer")
    assert "so the cluster can be used; what broker 2 leads, coordinates or alone holds is missing" in step.detail
    assert step.hint.startswith("Check whether broker 2 runs")
    alone = of_broker(fault, 2, away, used, reached=0)
    assert "can be used" not in alone.detail
    assert (alone.cause, alone.hint) == (step.cause, REMEDIES[Cause.ADVERTISED_UNREACHABLE].hint)


def test_an_address_that_nobody_reaches_is_still_about_advertised_listeners() -> None:
    used, away = ServerAddress("127.0.0.1", 9091), ServerAddress("kafka-2.internal", 9092)
    fault = FailedStep(DiagnosisLayer.DNS, Cause.UNKNOWN_HOST, "the name is unknown.")
    step = of_broker(fault, 2, away, used, reached=1)
    assert step.hint == REMEDIES[Cause.ADVERTISED_UNREACHABLE].hint
    assert "127.0.0.1:9091 sends clients of broker 2 to kafka-2.internal:9092" in step.detail
    assert "The other broker answers" in step.detail


async def test_a_controller_that_does_not_answer_hides_the_quorum_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(_conversation: object) -> int | None:
        raise TimeoutError

    async def words(*_: object) -> str:
        return "may do the rest"

    async def no_error(*_: object) -> int:
        return 0

    monkeypatch.setattr(rights, "_quorum_error", silent)
    monkeypatch.setattr(rights, "_configs_error", no_error)
    for name in ("_groups", "_acls"):
        monkeypatch.setattr(rights, name, words)
    monkeypatch.setattr(rights, "_dead_letters", lambda _seen: "may write")
    conversation = Mock(ask=AsyncMock(return_value=Mock(authorized_operations=set())))
    found = await rights.rights_on(conversation, 1)
    assert found.refused == ("hears nothing of the quorum now: the controller does not answer the broker",)
    assert found.lines.count("may do the rest") == 2
    assert "hears nothing of the quorum" in found.describe("User:x")
