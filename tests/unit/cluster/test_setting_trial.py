"""Settings that two clients share by name and not by value."""

from __future__ import annotations

import pytest

from kafkaview.cluster.kafka.setting_trial import refused_settings
from kafkaview.doctor.configuration import load_setup
from kafkaview.doctor.diagnosis import Cause
from kafkaview.doctor.fault import FailedStep
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets


def test_a_value_of_another_client_is_named_with_its_range(capfd: pytest.CaptureFixture[str]) -> None:
    settings = {"client.dns.lookup": "default", "retry.backoff.ms": "0", "client.rack": "a", "socket.timeout.ms": "500"}
    refused = refused_settings(settings)
    assert list(refused) == ["client.dns.lookup", "retry.backoff.ms"]
    assert "1..300000" in refused["retry.backoff.ms"]
    assert refused_settings({"client.dns.lookup": "use_all_dns_ips"}) == {}
    with pytest.raises(FailedStep) as failed:
        load_setup(ConnectionProfile("p", "k:1", settings=settings), Secrets())
    assert (failed.value.cause, failed.value.field) == (Cause.BAD_SETTING, "settings")
    assert capfd.readouterr() == ("", "")


def test_settings_are_judged_with_each_other() -> None:
    apart = {"fetch.max.bytes": "2000000", "message.max.bytes": "3000000"}
    (reason,) = refused_settings(apart).values()
    assert "not taken together" in reason
    # Beyond the default of its maximum: refused alone, sound beside a larger one.
    backoff = {"reconnect.backoff.ms": "20000"}
    assert list(refused_settings(backoff)) == ["reconnect.backoff.ms"]
    assert refused_settings({**backoff, "reconnect.backoff.max.ms": "30000"}) == {}


def test_settings_that_only_our_own_would_be_at_odds_with_are_taken() -> None:
    assert refused_settings({"reconnect.backoff.ms": "5000"}) == {}
    assert refused_settings({"socket.timeout.ms": "60000"}) == {}


@pytest.mark.parametrize("value", ["1" * 4_300, "9" * 4_301, "-" + "9" * 5_000, "0" * 5_000, "1" * 99, "1" * 100])
def test_a_number_of_thousands_of_digits_is_refused_with_its_name_and_its_range(value: str) -> None:
    """Python raises ValueError for one of more than 4,300 digits."""
    refused = refused_settings({"socket.timeout.ms": value, "client.rack": value})
    assert list(refused) == ["socket.timeout.ms"]
    assert "below 2,147,483,648" in refused["socket.timeout.ms"]
    with pytest.raises(FailedStep) as failed:
        load_setup(ConnectionProfile("p", "k:1", settings={"socket.timeout.ms": value}), Secrets())
    assert failed.value.cause is Cause.BAD_SETTING
