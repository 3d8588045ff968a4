"""Features, Brokers, Transactions and ZooKeeper on a fake cluster: what is told, what is refused, what fails alone."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial

import pytest
from PySide6.QtGui import QGuiApplication

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.cluster.ports.brokers import BrokerDescription
from kafkaview.cluster.ports.cluster import Omission
from kafkaview.cluster.ports.transactions import ProducerState, Transactions
from kafkaview.cluster.ports.unseen import Unseen
from kafkaview.coordination.balance import Balance
from kafkaview.coordination.view import CoordinationAnswer
from kafkaview.gallery import quorum_scenes as scenes
from kafkaview.terms import TopicPartition
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.query_view import QueryState, QueryView
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.coordination.broker_rows import broker_rows
from kafkaview.ui.pages.coordination.broker_rows import finding as broker_finding
from kafkaview.ui.pages.coordination.brokers_tab import BrokersTab
from kafkaview.ui.pages.coordination.features_tab import FeaturesTab
from kafkaview.ui.pages.coordination.page import CoordinationPage
from kafkaview.ui.pages.coordination.transactions_tab import TransactionsTab
from kafkaview.ui.pages.coordination.zookeeper_tab import ZooKeeperTab
from kafkaview.ui.writes.plan_dialog import PlanDialog
from tests.kit.clock import set_clock
from tests.kit.fake_cluster import FakeMember
from tests.ui.coordination import samples
from tests.ui.pages.conftest import Stage, stage
from tests.ui.pages.conftest import profile as profile_of_stage
from tests.ui.pages.samples import view as sample

__all__ = ["profile_of_stage", "stage"]
DENIED = NotAuthorized("Cluster authorization failed", "Ask for the right DESCRIBE on Cluster.")
LEFT_OUT = NotAuthorized(
    "Transactions whose ids may not be described are left out by the brokers",
    "Ask for the right DESCRIBE on TransactionalId *.",
)


def is_locked(part: QueryView) -> bool:
    return part.state is QueryState.LOCKED


@pytest.fixture
def profile(profile_of_stage: object) -> object:
    return profile_of_stage


@pytest.fixture(autouse=True)
def _at_the_time_of_the_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, scenes.NOW_MS)


@pytest.fixture
def page(stage: Stage) -> CoordinationPage:
    """The page, with the cluster's own looks stopped: the test shows it what it shall see."""
    page = stage.window.pages["coordination"]
    assert isinstance(page, CoordinationPage)
    stage.window.tasks.cancel("coordination")
    return page


@pytest.fixture
def features(stage: Stage, page: CoordinationPage) -> FeaturesTab:
    stage.window.go(Place("coordination", "features"))
    tab = page.tabs["features"]
    assert isinstance(tab, FeaturesTab)
    return tab


@pytest.fixture
def brokers(stage: Stage, page: CoordinationPage) -> BrokersTab:
    samples.fill_brokers(stage.world.cluster)
    tab = page.tabs["brokers"]
    assert isinstance(tab, BrokersTab)
    return tab


@pytest.fixture
def transactions(stage: Stage, page: CoordinationPage) -> TransactionsTab:
    samples.fill_transactions(stage.world.cluster, time.time_ns() // 1_000_000)
    tab = page.tabs["transactions"]
    assert isinstance(tab, TransactionsTab)
    return tab


@pytest.fixture
def zookeeper(stage: Stage, page: CoordinationPage) -> ZooKeeperTab:
    stage.window.go(Place("coordination", "zookeeper"))
    tab = page.tabs["zookeeper"]
    assert isinstance(tab, ZooKeeperTab)
    return tab


def test_a_broker_that_is_silent_is_not_said_to_run() -> None:
    named = [BrokerDescription(number, f"broker-{number}", 9092, None, fenced=False) for number in (1, 2)]
    rows = broker_rows(named, None, {1: (), 2: Unreachable("broker 2 does not answer")})
    assert broker_finding(rows, None) == "2 brokers. Broker 2: broker 2 does not answer"


def test_leaders_are_placed_well_only_where_they_are_seen() -> None:
    rows = broker_rows([BrokerDescription(1, "broker-1", 9092, None, fenced=False)], None, {1: ()})
    assert broker_finding(rows, Balance(())) == "1 broker runs, leaders are where they belong"
    seen = "1 broker runs, leaders of the topics that you may see are where they belong"
    assert broker_finding(rows, Balance((), hidden=True)) == seen


def test_a_level_of_the_metadata_reads_as_its_release(page: CoordinationPage, features: FeaturesTab) -> None:
    page.show_coordination(samples.features())
    row = next(row for row in features.model.rows if row.name == "metadata.version")
    assert (row.finalized, row.supported) == ("4.1-IV1", "3.3-IV3 to 4.4-IV2")
    assert features.line.text() == "The cluster works at 4.1-IV1, and every broker supports the same"


def test_a_broker_that_is_silent_is_not_said_to_support_the_same(page: CoordinationPage, features: FeaturesTab) -> None:
    seen = samples.features()
    assert seen.coordination is not None
    silent = Unseen("mode and features", Unreachable("broker 13 does not answer"), broker=13)
    page.show_coordination(replace(seen, coordination=replace(seen.coordination, unseen=(silent,))))
    assert features.line.text() == (
        "The cluster works at 4.1-IV1, and every broker that answers supports the same; broker 13 did not answer"
    )


def test_that_no_broker_names_a_feature_is_not_said_while_one_does_not_answer(
    page: CoordinationPage, features: FeaturesTab
) -> None:
    seen = samples.features()
    assert seen.coordination is not None
    none = replace(seen.coordination, features=())
    silent = Unseen("mode and features", Unreachable("broker 13 does not answer"), broker=13)
    states = []
    for coordination in (replace(none, unseen=(silent,)), none):
        page.show_coordination(replace(seen, coordination=coordination))
        states.append(features.room.state)
    assert states == [QueryState.FAILED, QueryState.EMPTY]


async def test_a_broker_of_an_older_release_stands_out(
    stage: Stage, page: CoordinationPage, features: FeaturesTab
) -> None:
    page.show_coordination(samples.features(behind=True))
    assert features.line.text() == "The cluster works at 4.1-IV1. Broker 13 supports less"
    stage.window.go(Place("coordination", "features:share.version"))
    await stage.until(lambda: features.place_text() == "share.version" and "share groups" in features.meaning.text())
    assert {row.name: row.behind for row in features.model.rows if row.behind} == {
        "metadata.version": (13,),
        "share.version": (13,),
    }
    supports = {one.broker: one for one in features.supports.rows}
    assert supports[13].mark is Mark.WARN
    assert supports[13].words == "does not know it: others go up to 2"
    assert supports[12].mark is Mark.OK


async def test_the_last_values_of_silent_brokers_are_stale(
    stage: Stage, page: CoordinationPage, features: FeaturesTab, zookeeper: ZooKeeperTab
) -> None:
    later = scenes.NOW_MS + 9_000
    error = Unreachable("No broker answers")
    for tab, view in ((features, samples.features()), (zookeeper, samples.zookeeper(samples.ensemble()))):
        stage.window.go(Place("coordination", tab.name))
        page.show_coordination(view)
        assert not tab.room.banner.isVisible()
        page.show_coordination(replace(view, at_ms=later, answer=CoordinationAnswer.SILENT, error=error))
        said = tab.room.banner.accessibleName()
        assert tab.room.banner.isVisible()
        assert said.startswith("No answer since 14:02:00.")
        assert "No broker answers." in said
        page.show_coordination(view)
        assert not tab.room.banner.isVisible()


def test_zookeeper_has_no_features_and_says_why(page: CoordinationPage, features: FeaturesTab) -> None:
    page.show_coordination(samples.zookeeper())
    assert features.room.front.accessibleName().startswith("No features: this is ZooKeeper.")


async def test_a_hidden_tab_sends_no_request(stage: Stage, brokers: BrokersTab) -> None:
    stage.window.go(Place("coordination", "features"))
    brokers.refresh()
    assert not stage.window.tasks.is_running("coordination.brokers.brokers")
    stage.window.go(Place("coordination", "brokers"))
    await stage.until(lambda: brokers.model.total == 3)


async def test_the_broker_with_the_worst_trouble_stands_first(stage: Stage, brokers: BrokersTab) -> None:
    stage.window.go(Place("coordination", "brokers"))
    await stage.until(lambda: brokers.place_text() == "2" and brokers.detail.directories.total == 2)
    assert [row.id for row in brokers.model.rows] == [2, 3, 1]
    assert brokers.line.text() == "3 brokers. Broker 2: less than a tenth of a log directory is free"
    silent = brokers.model.rows[1]
    assert (silent.broker.used, silent.broker.free, silent.mark) == (None, None, Mark.UNKNOWN)
    assert "Broker 3 does not answer" in brokers.room.banner.accessibleName()


async def test_that_no_topic_is_seen_is_not_said_before_the_brokers_have_told_what_they_carry(
    stage: Stage, brokers: BrokersTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def fail_late() -> Balance | None:
        asked.set()
        await may_answer.wait()
        raise Unreachable("broker 2 does not answer")

    with monkeypatch.context() as late:
        late.setattr(brokers.context.engine, "balance", fail_late)
        stage.window.go(Place("coordination", "brokers"))
        await stage.until(lambda: asked.is_set() and brokers.room.shows_content and brokers._complete)
        assert brokers.detail.of_balance.state is QueryState.LOADING
        may_answer.set()
        await stage.until(lambda: brokers.detail.of_balance.state is QueryState.FAILED)
    brokers.refresh()
    await stage.until(lambda: brokers.detail.of_balance.shows_content)


async def test_brokers_whose_log_directories_were_refused_together_are_not_said_to_run(
    stage: Stage, brokers: BrokersTab
) -> None:
    fake = stage.world.cluster.brokers
    fake.failures = {"log_directories": Unreachable("No broker answers")}
    stage.window.go(Place("coordination", "brokers"))
    await stage.until(lambda: brokers.model.total == 3 and brokers.room.banner.isVisible())
    assert [row.mark for row in brokers.model.rows] == [Mark.UNKNOWN] * 3
    assert brokers.line.text() == "3 brokers. Broker 1: No broker answers; of 2 others something is unknown too"
    fake.failures = {}
    await stage.until(lambda: not stage.window.tasks.is_running("coordination.brokers.directories"))
    brokers.refresh()
    await stage.until(lambda: brokers.line.text().startswith("3 brokers. Broker 2: less than a tenth"))
    fake.failures = {"log_directories": Unreachable("No broker answers")}
    await stage.until(lambda: not stage.window.tasks.is_running("coordination.brokers.directories"))
    brokers.refresh()
    await stage.until(lambda: brokers.line.text().startswith("3 brokers. Broker 1: No broker answers"))


async def test_an_overdue_answer_is_dated_and_takes_the_marks_of_health(
    stage: Stage, brokers: BrokersTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kafkaview.ui.pages.coordination.tab._LATE_S", 0.05)
    fake, answers = stage.world.cluster.brokers, asyncio.Event()
    describe = fake.describe

    async def describe_later() -> tuple[BrokerDescription, ...]:
        await answers.wait()
        return await describe()

    def marks() -> set[Mark | None]:
        return {brokers.model.mark_of(brokers.model.columns[0], row) for row in brokers.model.rows}

    stage.window.go(Place("coordination", "brokers"))
    await stage.until(lambda: Mark.OK in marks())
    await stage.until(lambda: not stage.window.tasks.is_running("coordination.brokers.brokers"))
    monkeypatch.setattr(fake, "describe", describe_later)
    brokers.refresh()
    banner = brokers.room.banner
    await stage.until(lambda: banner.isVisible() and banner.accessibleName().startswith("No answer since"))
    await stage.until(lambda: not stage.window.tasks.is_running("coordination.brokers.directories"))
    assert banner.accessibleName().startswith("No answer since"), "although another part has answered"
    assert Mark.OK not in marks()
    answers.set()
    await stage.until(lambda: Mark.OK in marks())


async def test_brokers_are_asked_again_as_soon_as_others_answer(
    stage: Stage, brokers: BrokersTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.window.go(Place("coordination", "brokers"))
    await stage.until(lambda: brokers.model.total == 3)
    stage.window.tasks.cancel("watch")
    brokers.show_view(sample())
    asked: list[str] = []
    monkeypatch.setattr(brokers, "read", lambda: asked.append("brokers"))
    brokers.show_view(sample())
    assert asked == []
    brokers.show_view(sample(errors=(Unreachable("broker 2 does not answer"),)))
    assert asked == ["brokers"]
    brokers.show_view(replace(sample(), stale=True))
    assert asked == ["brokers", "brokers"]


def test_brokers_are_said_to_run_while_their_log_directories_are_being_asked_for() -> None:
    named = [BrokerDescription(number, f"broker-{number}", 9092, None, fenced=False) for number in (1, 2)]
    assert broker_finding(broker_rows(named, None, {}), None) == "2 brokers run"


async def test_settings_show_what_was_changed_first_and_never_a_secret(stage: Stage, brokers: BrokersTab) -> None:
    stage.window.go(Place("coordination", "brokers"))
    brokers.detail.tabs.choose("settings")
    settings = brokers.detail.settings
    await stage.until(lambda: settings.model.total == 3)
    assert [row.name for row in settings.model.rows] == ["num.io.threads", "ssl.key.password", "log.retention.hours"]
    assert settings.model.columns[1].reads(settings.model.rows[1]) == "hidden"
    settings.table.choose("num.io.threads")
    await stage.until(lambda: "Otherwise: num.io.threads=8 (default)." in settings.about.text())
    settings.filter.setText("retention")
    assert [row.name for row in settings.model.rows] == ["log.retention.hours"]


async def test_a_right_that_is_missing_locks_its_part_alone(stage: Stage, brokers: BrokersTab) -> None:
    fake = stage.world.cluster.brokers
    fake.directories = dict.fromkeys((1, 2, 3), DENIED)
    fake.failures = {"reassignments": DENIED, "broker_settings": DENIED}
    stage.window.go(Place("coordination", "brokers"))
    await stage.until(lambda: brokers.room.banner.isVisible() and brokers.model.total == 3)
    assert brokers.room.banner.accessibleName().startswith("User:ANONYMOUS lacks DESCRIBE on Cluster.")
    detail = brokers.detail
    for part in (detail.of_directories, detail.of_moves, detail.of_settings):
        await stage.until(partial(is_locked, part))
    detail.of_settings.copy_command()
    assert QGuiApplication.clipboard().text().endswith("User:ANONYMOUS --operation DescribeConfigs --cluster")


async def test_moves_are_taken_back_by_a_plan(stage: Stage, page: CoordinationPage, brokers: BrokersTab) -> None:
    stage.window.go(Place("coordination", "brokers"))
    brokers.detail.tabs.choose("moving")
    await stage.until(lambda: brokers.detail.moves.total and brokers.detail.take_back.isEnabled())
    assert _why_not(page, "coordination.cancel-moves") == ""
    brokers.detail.take_back.click()
    sheet = Veil.over(stage.window)
    assert isinstance(sheet, PlanDialog)
    await stage.until(sheet.ask.confirm.isEnabled)
    sheet.ask.confirm.click()
    await stage.until(lambda: not stage.world.cluster.brokers.moving)
    await stage.until(lambda: brokers.detail.of_moves.state is QueryState.GOOD)
    assert not brokers.detail.take_back.isEnabled()
    assert _why_not(page, "coordination.cancel-moves") == "Nothing is on the move"
    for button, name in ((brokers.detail.take_back, "cancel-moves"), (brokers.detail.elect, "elect")):
        assert button.toolTip() == _why_not(page, f"coordination.{name}")


def _why_not(page: CoordinationPage, name: str) -> str:
    """What the palette says of an action."""
    return next(action for action in page.actions_of_page() if action.id == name).why_not()


async def test_a_transaction_that_hangs_stands_first_and_says_why(stage: Stage, transactions: TransactionsTab) -> None:
    stage.window.go(Place("coordination", "transactions"))
    await stage.until(lambda: transactions.model.total == 2)
    assert transactions.line.text() == "1 transaction hangs: nobody will end it; 1 more open"
    first, second = transactions.model.rows
    assert (first.producer_id, first.mark) == (samples.HANGING_PRODUCER, Mark.BAD)
    assert (second.transactional_id, second.word) == ("checkout-1", "Ongoing")
    await stage.until(lambda: "nobody will end what it began at offset 150" in transactions.detail.reason.text())


async def test_every_coordinator_is_asked_once_a_look(
    stage: Stage, transactions: TransactionsTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    producers, asked = stage.world.cluster.transactions, []
    telling = producers.transactions

    async def counted() -> Transactions:
        asked.append(1)
        return await telling()

    monkeypatch.setattr(producers, "transactions", counted)
    running = stage.window.tasks.is_running
    stage.window.go(Place("coordination", "transactions"))
    await stage.until(lambda: transactions._found is not None and not running("coordination.transactions.open"))
    assert len(asked) == 1
    producers.states.clear()  # nothing open on a partition: the coordinators are asked all the same
    transactions.refresh()
    await stage.until(lambda: not transactions._found and not running("coordination.transactions.open"))
    assert len(asked) == 2


async def test_only_a_transaction_that_nobody_ends_can_be_aborted(stage: Stage, transactions: TransactionsTab) -> None:
    stage.window.go(Place("coordination", "transactions:orders:0"))
    await stage.until(lambda: transactions.place_text() == "orders:0" and not transactions.detail.abort.isEnabled())
    assert "would tear it apart" in transactions.detail.abort.toolTip()
    stage.window.go(Place("coordination", f"transactions:{samples.HELD}"))
    await stage.until(transactions.detail.abort.isEnabled)
    transactions.detail.abort.click()
    sheet = Veil.over(stage.window)
    assert isinstance(sheet, PlanDialog)
    await stage.until(sheet.ask.confirm.isEnabled)
    sheet.ask.confirm.click()
    await stage.until(lambda: transactions.model.total == 1)
    assert stage.world.cluster.transactions.states[samples.HELD] == ()


async def test_nothing_open_is_good_news(stage: Stage, transactions: TransactionsTab) -> None:
    stage.world.cluster.transactions.open.clear()
    stage.world.cluster.transactions.states.clear()
    stage.window.go(Place("coordination", "transactions"))
    await stage.until(lambda: transactions.room.state is QueryState.GOOD)


async def test_nothing_open_on_the_topics_that_are_seen_is_no_good_news(
    stage: Stage, transactions: TransactionsTab
) -> None:
    stage.world.cluster.transactions.open.clear()
    stage.world.cluster.transactions.states.clear()
    stage.world.cluster.omitted = {Omission.TOPICS}
    stage.window.go(Place("coordination", "transactions"))
    await stage.until(lambda: transactions.room.state is QueryState.UNKNOWN)


async def test_nothing_seen_without_the_right_is_no_good_news(stage: Stage, transactions: TransactionsTab) -> None:
    producers = stage.world.cluster.transactions
    producers.open.clear()
    producers.states.clear()
    producers.errors = [LEFT_OUT]
    stage.window.go(Place("coordination", "transactions"))
    await stage.until(lambda: transactions.room.state is QueryState.LOCKED)
    assert transactions.room.command.endswith("--operation Describe --transactional-id '*'")


async def test_what_may_not_be_described_makes_no_transaction_hang(stage: Stage, transactions: TransactionsTab) -> None:
    stage.world.cluster.transactions.errors = [LEFT_OUT]
    stage.window.go(Place("coordination", "transactions"))
    await stage.until(lambda: transactions.model.total == 2 and transactions.room.banner.isVisible())
    assert transactions.line.text() == "Whether 1 transaction hangs is unknown"
    assert transactions.model.rows[0].mark is Mark.UNKNOWN


async def test_a_cluster_that_does_not_answer_is_shown_in_place(stage: Stage, transactions: TransactionsTab) -> None:
    stage.world.cluster.transactions.failures = dict.fromkeys(
        ("transactions", "producers"), Unreachable("No broker answers")
    )
    stage.window.go(Place("coordination", "transactions"))
    await stage.until(lambda: transactions.room.state is QueryState.FAILED)


async def test_triage_leads_to_the_transaction_and_back(stage: Stage, transactions: TransactionsTab) -> None:
    cluster, place = stage.world.cluster, TopicPartition("payments", 0)
    start = cluster.log(place).end
    cluster.transactions.states[place] = (ProducerState(place, 77, 1, 0, 5, start),)
    cluster.add_group("ledger")
    cluster.join("ledger", FakeMember("ledger-1", (place,), rate=40))
    cluster.commit("ledger", place, start)
    with cluster.open_transaction(place):
        stage.window.go(Place("triage"))
        await stage.choose("ledger")
        head = stage.triage.pane.head
        await stage.until(head.transaction_button.isVisible)
        head.transaction_button.click()
        await stage.until(lambda: transactions.place_text() == str(place) and transactions.detail.triage.isVisible())
        await stage.until(lambda: "1 record of ledger" in transactions.detail.meaning.text())
        transactions.detail.triage.click()
        await stage.until(stage.triage.isVisible)
        assert stage.triage.pane.incident is not None
        assert stage.triage.pane.incident.group == "ledger"


async def test_the_ensemble_says_what_fails_next(stage: Stage, page: CoordinationPage, zookeeper: ZooKeeperTab) -> None:
    stage.window.go(Place("coordination", "zookeeper"))
    page.show_coordination(samples.zookeeper(samples.ensemble(2)))
    expected = "No fault left: 2 of 3 servers serve: if one more fails, the metadata cannot change"
    assert zookeeper.line.text() == expected
    assert [row.role is None for row in zookeeper.model.rows] == [False, False, True]
    assert zookeeper.controller.text().startswith("Broker 11 is the controller, epoch 4,")
    assert zookeeper.registrations.total == 3
    assert dict(zookeeper.migration.sides)["/migration"] == "names no controller yet"
    page.show_coordination(samples.zookeeper(samples.ensemble(1)))
    assert zookeeper.mark.mark is Mark.BAD


def test_a_cluster_without_zookeeper_says_why(page: CoordinationPage, zookeeper: ZooKeeperTab) -> None:
    page.show_coordination(samples.features())
    assert zookeeper.room.front.accessibleName().startswith("KRaft: there is no ZooKeeper.")
    page.show_coordination(samples.zookeeper())
    assert zookeeper.room.front.accessibleName().startswith("This profile names no zookeeper.connect.")


async def test_nodes_are_read_when_they_are_opened(
    stage: Stage, page: CoordinationPage, zookeeper: ZooKeeperTab
) -> None:
    nodes = stage.world.cluster.zookeeper_nodes
    nodes["/config"] = samples.node("/config", "", "topics", "users")
    nodes["/config/topics"] = samples.node("/config/topics", '{"retention.ms":"1"}')
    page.show_coordination(samples.zookeeper(samples.ensemble()))
    stage.window.go(Place("coordination", "zookeeper:/config"))
    config = zookeeper.nodes.tree.currentItem()
    assert config is not None
    await stage.until(lambda: config.childCount() == 2)
    zookeeper.select("/config/topics")
    await stage.until(lambda: zookeeper.nodes.text.toPlainText() == '{"retention.ms":"1"}')
    assert zookeeper.nodes.text.isReadOnly()
    zookeeper.select("/config/users")
    await stage.until(lambda: zookeeper.nodes.text.toPlainText() == "" and zookeeper.nodes.facts.text())
