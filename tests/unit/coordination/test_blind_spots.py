"""What the list of brokers leaves open."""

from __future__ import annotations

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.cluster.ports.brokers import BrokerDescription
from kafkaview.cluster.ports.cluster import Omission
from kafkaview.coordination.balance import Balance, Load
from kafkaview.coordination.blind_spots import broker_gaps
from kafkaview.coordination.brokers import Directories, broker_states

BROKERS = [BrokerDescription(number, f"broker-{number}", 9092, None, number == 3) for number in (1, 2, 3)]
SILENT: Directories = {1: (), 2: Unreachable("broker 2 does not answer")}
LOADS = Balance(tuple(Load(number, 1, 1, 3, 0, None) for number in (1, 2, 3, 4)))


def test_each_broker_of_which_something_is_unknown_is_named_with_the_reason() -> None:
    denied = NotAuthorized("Cluster authorization failed", "Ask for the right DESCRIBE on Cluster.")
    gaps = broker_gaps(broker_states(BROKERS, SILENT, LOADS), denied, {Omission.TOPICS, Omission.GROUPS})
    assert [(one.what, one.broker, one.document()["kind"]) for one in gaps] == [
        ("log directories", 2, "silent"),
        ("log directories", 3, "silent"),
        ("address and log directories", 4, "silent"),
        ("reassignments", None, "right"),
        ("leaders and replicas", None, "right"),
    ]
    assert gaps[0].sentence == "The log directories of broker 2 could not be seen in full: broker 2 does not answer."
    assert gaps[3].reason == "Cluster authorization failed. Ask for the right DESCRIBE on Cluster"


def test_brokers_that_tell_all_leave_nothing_open() -> None:
    states = broker_states(BROKERS[:2], {1: (), 2: ()}, None)
    assert broker_gaps(states, (), ()) == ()
