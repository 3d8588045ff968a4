"""The demo as a whole: what it plays, and that nothing of it is left."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import aclosing
from functools import partial
from pathlib import Path

import pytest
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from kafkaview import terms
from kafkaview.demo.running import Demo, running_demo, start_in_steps
from kafkaview.demo.scenario import ORDERS_OF_HISTORY, POISON
from kafkaview.demo.steps import DemoStage, DemoStep
from kafkaview.triage.watch.hanging import OpenTransactionState, find_hanging
from tests.broker.material import session_on
from tests.kit.leash import LEASH
from tests.kit.patience import patience
from tests.kit.processes import command, named

_ALONE = """
from kafkaview.cli.main import main
raise SystemExit(main(["demo", "--no-window"]))
"""

_PICTURES = """
import asyncio, sys
from pathlib import Path
from kafkaview.cli.demo import take_pictures
from kafkaview.demo.running import Demo
asyncio.run(take_pictures(Demo(sys.argv[1], Path(), (), {}), Path(sys.argv[2])))
"""


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + patience(seconds)
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


def failures(demo: Demo, group: str, where: str) -> int:
    return demo.log(group).read_text().count(where)


def fails_again(demo: Demo, group: str, where: str, seen: int) -> bool:
    return failures(demo, group, where) > seen + 1


def values_of(demo: Demo, topic: str, partition: int, offsets: list[int]) -> dict[int, bytes | None]:
    consumer = Consumer({"bootstrap.servers": demo.bootstrap, "group.id": "test", "enable.auto.commit": False})
    values = {}
    for offset in offsets:
        consumer.assign([TopicPartition(topic, partition, offset)])
        message = consumer.poll(10)
        assert message is not None
        assert message.offset() == offset
        values[offset] = message.value()
    consumer.close()
    return values


def test_every_poison_record_stands_where_the_scenario_says(demo: Demo) -> None:
    for poison in POISON:
        value = values_of(demo, poison.topic, poison.partition, [poison.offset])[poison.offset]
        assert value is not None
        try:
            content = json.loads(value)
        except ValueError:
            continue
        assert poison.fault in ("missing_field", "wrong_type")
        assert "currency" not in content or isinstance(content["amount"], str)


def test_history_holds_no_other_undecodable_order(demo: Demo) -> None:
    consumer = Consumer({"bootstrap.servers": demo.bootstrap, "group.id": "test", "enable.auto.commit": False})
    consumer.assign([TopicPartition("orders", partition, 0) for partition in range(6)])
    read, bad = 0, []
    while read < ORDERS_OF_HISTORY + 100:
        for message in consumer.consume(1000, 1.0):
            read += 1
            value = message.value()
            try:
                assert value is None or json.loads(value)
            except ValueError:
                bad.append(("orders", message.partition(), message.offset()))
    consumer.close()
    assert sorted(bad) == sorted((p.topic, p.partition, p.offset) for p in POISON if p.topic == "orders")


def test_each_stuck_group_goes_on_failing_on_its_record(demo: Demo) -> None:
    for group in ("billing", "invoices", "shipping", "audit"):
        stands = next(e for e in demo.expected if e.group == group)
        where = f"orders-{stands.partition} at offset {stands.offset}"
        seen = failures(demo, group, where)
        assert wait_for(partial(fails_again, demo, group, where, seen)), group


def test_a_group_moved_past_its_record_drains_up_to_the_next_one(demo: Demo) -> None:
    """Invoices, moved by hand while it is down between two crashes: what no other test of this demo counts on."""
    admin = AdminClient({"bootstrap.servers": demo.bootstrap, "log_level": 0})
    first = next(e for e in demo.expected if e.group == "invoices")
    second = next(e for e in demo.expected if "invoices" in e.later_groups)

    def moved() -> bool:
        past = TopicPartition(first.topic, first.partition, first.offset + 1)
        asked = admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions("invoices", [past])])
        try:
            answer = asked["invoices"].result(10)
        except KafkaException:  # it has members just now
            return False
        return not any(place.error for place in answer.topic_partitions)

    assert wait_for(moved)
    where = f"orders-{second.partition} at offset {second.offset}"
    assert wait_for(lambda: failures(demo, "invoices", where) > 0, 60)


async def test_it_has_a_quorum_users_and_a_transaction_that_hangs(demo: Demo, tmp_path: Path) -> None:
    async with session_on(demo.bootstrap, tmp_path / "journal.sqlite3") as session:
        coordination = await session.cluster.coordination()
        assert coordination.quorum is not None
        assert len(coordination.quorum.voters) == 3
        security = session.cluster.security
        assert {one.user for one in await security.scram_users()} == {"auditor", "billing-service"}
        assert {one.principal for one in await security.acls()} == {"User:auditor", "User:billing-service"}
        (found,) = (await find_hanging(session, [terms.TopicPartition("settlements", 0)])).found
        assert found.standing is OpenTransactionState.HANGING


@pytest.mark.timeout(300)
async def test_two_demos_run_side_by_side_and_tell_their_steps(demo: Demo) -> None:
    told: list[DemoStep] = []
    async with aclosing(start_in_steps()) as steps:
        async for step in steps:
            if isinstance(step, Demo):
                second = step
                break
            told.append(step)
        await second.wait_until_settled()
        assert second.bootstrap != demo.bootstrap
        assert second.expected == demo.expected
    assert list(dict.fromkeys(step.stage for step in told)) == list(DemoStage)
    sent = [step.done for step in told if step.stage is DemoStage.HISTORY]
    assert sent == sorted(sent)
    assert sent[-1] >= 0.9 * told[-2].total > ORDERS_OF_HISTORY
    assert not second.folder.exists()
    assert not named(str(second.folder))


def test_nothing_is_left_of_a_demo_that_was_killed() -> None:
    with demo_process() as process:
        folder = json.loads(process.stdout.readline() if process.stdout else "")["folder"]
        assert named(folder)
        process.kill()
    assert wait_for(lambda: not named(folder)), named(folder)
    assert wait_for(lambda: not Path(folder).exists())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_demo_interrupted_while_it_starts_ends_with_0(number: signal.Signals, own_temporary: Path) -> None:
    with demo_process() as process:
        assert wait_for(lambda: any(named(str(folder)) for folder in folders(own_temporary)))
        process.send_signal(number)
        assert process.wait(60) == 0


async def test_a_demo_cancelled_while_it_starts_leaves_nothing(own_temporary: Path) -> None:
    async def start() -> None:
        async with running_demo():
            await asyncio.sleep(3600)

    task = asyncio.create_task(start())
    assert await asyncio.to_thread(wait_for, lambda: bool(folders(own_temporary)))
    made = folders(own_temporary)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not folders(own_temporary)
    assert not any(named(str(folder)) for folder in made)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_takes_the_pictures_of_a_tour_ends_with_it(demo: Demo, tmp_path: Path, number: signal.Signals) -> None:
    line = [sys.executable, "-c", _PICTURES, demo.bootstrap, str(tmp_path)]
    with subprocess.Popen([*LEASH, *line]) as tour:
        assert wait_for(lambda: any(" shots " in command(pid) for pid in named(str(tmp_path))))
        tour.send_signal(number)
    assert wait_for(lambda: not named(str(tmp_path))), named(str(tmp_path))


@pytest.mark.soak  # it takes every picture, for three minutes
def test_a_tour_does_the_main_job_and_says_nothing_on_standard_error(own_temporary: Path) -> None:
    """Libraries and Qt's platform have a log file, in the process of the pictures too."""
    line = [*LEASH, sys.executable, "-m", "kafkaview", "demo", "--tour"]
    toured = subprocess.run(line, capture_output=True, text=True, timeout=patience(420), check=False)
    assert toured.stderr == ""
    assert toured.returncode == 0, toured.stdout
    assert "stands still on" in toured.stdout
    assert "plugin" not in toured.stdout
    (pictures,) = own_temporary.glob("kafkaview-tour-*")
    assert (pictures / "triage-dark.png").stat().st_size > 0


def demo_process() -> subprocess.Popen[str]:
    return subprocess.Popen([*LEASH, sys.executable, "-c", _ALONE], stdout=subprocess.PIPE, text=True)


def folders(temporary: Path) -> list[Path]:
    return list(temporary.glob("kafkaview-*"))


@pytest.fixture
def own_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of temporary files for one test: other tests, side by side with it, start demos too."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path
