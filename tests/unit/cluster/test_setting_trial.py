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
