"""Since when a broker is silent, also once it has left the metadata."""

from __future__ import annotations

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.triage.watch.silent_brokers import SilentBrokers
from kafkaview.triage.watch.view import SilentBroker

SETS = ((1, 2), (2, 3), (3, 1))


def test_a_broker_is_silent_since_it_was_first_missed_also_once_it_is_fenced() -> None:
    silent = SilentBrokers()
    silent.take(1_000, (1, 2, 3), {3: NotAuthorized("no right"), None: Unreachable("no leader")}, SETS)
    assert not silent.found
    silent.take(2_000, (1, 2, 3), {2: Unreachable("broker 2 does not answer")}, SETS)
    assert silent.found == (SilentBroker(2, 2_000, fenced=False),)
    silent.take(3_000, (1, 3), {}, SETS)
    assert silent.found == (SilentBroker(2, 2_000, fenced=True),)
    silent.take(4_000, (1, 2, 3), {}, SETS)
    assert not silent.found


def test_a_broker_that_no_sample_asked_before_it_was_fenced_is_silent_since_the_same_time() -> None:
    silent = SilentBrokers()
    silent.take(2_000, (1, 2, 3), {2: Unreachable("broker 2 does not answer")}, SETS)
    silent.take(4_000, (1, 2, 3), {}, SETS)
    assert not silent.found
    silent.take(6_000, (1, 3), {}, SETS)
    assert silent.found == (SilentBroker(2, 2_000, fenced=True),)
    silent.take(8_000, (1, 2, 3), {}, SETS)
    silent.take(10_000, (1, 2, 3), {2: Unreachable("broker 2 does not answer")}, SETS)
    assert silent.found == (SilentBroker(2, 10_000, fenced=False),), "it has answered between"
    silent.take(12_000, (1, 2, 3), {}, SETS)
    silent.take(60_000, (1, 3), {}, SETS)
    assert silent.found == (SilentBroker(2, 60_000, fenced=True),)
