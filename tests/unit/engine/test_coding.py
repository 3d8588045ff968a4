"""What passes between a window and its engine: values alone, and no client library with them."""

from __future__ import annotations

import io
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kafkaview.cluster import errors
from kafkaview.cluster.errors import RefusedHere
from kafkaview.cluster.kafka.coordinators import Moved
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.security import NewScramCredential, ScramMechanism
from kafkaview.cluster.tls.files import TlsFileProblem, UnusableMaterial
from kafkaview.demo.jars import CannotRunKafka
from kafkaview.engine.coding import decode, encode, read_body
from kafkaview.engine.messages import Answer, Call, EngineFault, EngineLost, Item, Refusal
from kafkaview.failure import Failure
from kafkaview.profiles.errors import KeyringUnavailable
from kafkaview.profiles.keyring import Keyring
from kafkaview.profiles.profile import ConnectionProfile, Environment
from kafkaview.profiles.security import SecretField, Secrets
from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.sample_arrays import LagColumns
from kafkaview.writes.one_time_secret import ShownOnce
from kafkaview.writes.outcome import ChangeEnd, ChangeOutcome
from kafkaview.writes.plan import ChangePlan

SECRET = "wonder-8Xland"  # noqa: S105  # of a test


def passed(message: object) -> Any:
    """A message at the other end of the pipe."""
    stream = io.BytesIO(encode(message))
    body = read_body(stream)
    assert body is not None
    assert read_body(stream) is None
    return decode(body)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "orders",
        (1, 2.5, b"\x00", frozenset({3})),
        datetime(2026, 1, 2, tzinfo=UTC),
        Path("/tmp/journal.sqlite3"),  # noqa: S108  # no file is meant
        TopicPartition("orders", 3),
        ConnectionProfile("orders", "a:9092", Environment.PRODUCTION),
        {ScramMechanism.SCRAM_SHA_512: ("alice",)},
        ChangeEnd(ChangeOutcome(3, "done"), ShownOnce("the token", "id", "HMAC", SECRET)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_arrives_as_it_was_sent(value: object) -> None:
    assert passed(Answer(1, value)) == Answer(1, value)


def test_columns_arrive_as_they_were_sent() -> None:
    ints = np.arange(6, dtype=np.int32)
    longs = np.array([-1, 2**40, 3, 4, 5, 6])
    sent = LagColumns(("orders",), ints, ints[::-1], longs, ints, longs, longs, longs, ints, {3: "x"})
    got = passed(Item(1, sent)).value
    for name in ("topic", "partition", "committed", "owners"):
        there, here = getattr(got, name), getattr(sent, name)
        assert (there.dtype, there.tolist()) == (here.dtype, here.tolist())
    assert (got.topics, got.metadata) == (sent.topics, sent.metadata)


@pytest.mark.parametrize("kind", [Cluster, Keyring, pickle.Unpickler, Path.read_text, print, eval, np.load, np.memmap])
def test_what_is_no_value_is_not_loaded(kind: object) -> None:
    with pytest.raises(pickle.UnpicklingError, match="no value that may pass"):
        decode(pickle.dumps(kind))


def test_a_crafted_message_runs_nothing(tmp_path: Path) -> None:
    class Crafted:
        def __reduce__(self) -> Any:
            return Path.touch, (tmp_path / "run",)

    for crafted in (pickle.dumps(Crafted()), b"cbuiltins\neval\n(V1+1\ntR.", b"cos\nsystem\n(Vtrue\ntR."):
        with pytest.raises(pickle.UnpicklingError):
            decode(crafted)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "kind",
    [
        *(one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Failure)),
        KeyringUnavailable,
        EngineLost,
        EngineFault,
    ],
)
def test_an_error_arrives_with_its_words(kind: type[Failure]) -> None:
    error = passed(Refusal(1, kind("no broker answers", "Look at the address."))).error
    assert type(error) is kind
    assert (str(error), error.message, error.hint) == ("no broker answers", "no broker answers", "Look at the address.")


@pytest.mark.parametrize(
    ("error", "arrives"),
    [
        (Moved("the coordinator moved", "Ask again."), errors.Unreachable),
        (
            UnusableMaterial(TlsFileProblem.FILE, "the key cannot be read", "tls.ca_file", "Look at it."),
            errors.UnusableProfile,
        ),
        (CannotRunKafka("Maven is missing", "Install it."), errors.ClusterError),
    ],
    ids=lambda one: getattr(one, "__name__", type(one).__name__),
)
def test_an_error_of_a_module_that_loads_a_client_arrives_as_its_nearest_base(
    error: Failure, arrives: type[Failure]
) -> None:
    got = passed(Refusal(1, error)).error
    assert type(got) is arrives
    assert (got.message, got.hint) == (error.message, error.hint)


def test_secrets_pass_and_stand_in_no_text() -> None:
    secrets = Secrets({SecretField.SASL_PASSWORD: SECRET})
    credential = NewScramCredential("alice", ScramMechanism.SCRAM_SHA_512, 4096, SECRET)
    call = Call(1, "open", (ConnectionProfile("orders", "a:9092"), secrets, credential), {"typed": secrets})
    got = passed(call)
    assert got.arguments[1].get(SecretField.SASL_PASSWORD) == SECRET
    assert got.arguments[2].password == SECRET
    end = ChangeEnd(ChangeOutcome(1, "done"), ShownOnce("the token", "id", "HMAC", SECRET))
    for message in (call, got, Answer(1, end), Item(1, end), secrets, credential):
        assert SECRET not in repr(message)
        assert SECRET not in str(message)


def test_secrets_still_refuse_every_other_way_out() -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Secrets({SecretField.SASL_PASSWORD: SECRET}))


async def test_of_a_plan_nothing_passes_that_could_write() -> None:
    async def write(_cluster: Cluster) -> None:
        raise AssertionError

    async def verify(_cluster: Cluster) -> str:
        raise AssertionError

    plan = ChangePlan("users.set", "Set alice", "Set", "alice", (), ("users",), {}, write, write, verify)
    got = passed(Answer(1, plan.copy_for_window())).value
    assert (got.id, got.title) == (plan.id, plan.title)
    with pytest.raises(RefusedHere, match="no longer kept"):
        await got.write(None)


@pytest.mark.parametrize("cut", [0, 3, 8, 12])
def test_a_message_that_is_cut_off_is_the_end_of_the_pipe(cut: int) -> None:
    assert read_body(io.BytesIO(encode(Answer(1, "orders"))[:cut])) is None
