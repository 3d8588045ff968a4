"""Incidents: grouped by cause, with their states, kept in a file that two windows share."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from kafkaview.cluster.errors import RefusedHere
from kafkaview.decode.result import Undecodable
from kafkaview.profiles.journal_rules import JournalRules, PayloadForm
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.terms import Record, RecordId, TimestampType, TopicPartition
from kafkaview.triage.incidents import store as stores
from kafkaview.triage.incidents.incident import IncidentSource, IncidentState, KnownIncident, Sighting, standing_of
from kafkaview.triage.incidents.store import IncidentStore, IncidentsUnavailable
from kafkaview.triage.log_lines import BlamedRecord
from kafkaview.triage.scan.findings import Finding
from kafkaview.triage.watch.verdict import Behaviour, Stuck, Suspect, Verdict

NOW = 1_800_000_000_000
RECORD = RecordId("orders", 3, 1442)


def stuck(group: str = "billing", offset: int = 1442, *, since_ms: int = NOW, poison: bool = True) -> Stuck:
    record = Record("orders", 3, offset, None, TimestampType.CREATE_TIME, None, b"\xff", ())
    suspect = Suspect(record, Undecodable("utf8", f"byte {offset % 90} of the value is not UTF-8", 0), 0)
    return Stuck(
        group, TopicPartition("orders", 3), offset, 2000, 2000, Verdict.POISON if poison else Verdict.UNDECIDED,
        Behaviour.RETRIES, "why", since_ms, (), suspect if poison else None,
    )  # fmt: skip


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


@pytest.fixture
def store(journal: Path) -> IncidentStore:
    return IncidentStore("orders-eu", journal)


def stand(store: IncidentStore, *some: Stuck, moved: tuple[Stuck, ...] = (), at: int = NOW) -> None:
    store.see_standing(list(map(Sighting.of_stuck, some)), list(map(standing_of, moved)), at)


def only(store: IncidentStore) -> KnownIncident:
    (found,) = store.incidents()
    return found


def test_a_rule_of_a_file_whose_name_is_no_text_is_kept_as_it_is(store: IncidentStore) -> None:
    one = replace(Sighting.of_stuck(stuck()), cause="jsonschema:caf\udce9", reason="caf\udce9")
    store.see_standing([one], [], NOW)
    store.see_standing([one], [], NOW + 1)
    store.note(only(store).id, "note \udcff")
    found = only(store)
    assert (found.cause, found.reason, found.note) == ("jsonschema:caf\udce9", "caf\udce9", "note \udcff")


def test_reasons_that_differ_in_their_numbers_are_one_incident(store: IncidentStore) -> None:
    stand(store, stuck(), stuck("shipping", 1443))
    found = only(store)
    assert (found.topic, found.cause, found.count, found.state) == ("orders", "utf8", 2, IncidentState.OPEN)
    assert set(found.groups) == {"billing", "shipping"}


def test_scans_and_logs_join_the_incident_of_the_same_cause(store: IncidentStore) -> None:
    stand(store, stuck())
    finding = Finding(RecordId("orders", 0, 7), None, "value", "utf8", "byte 7 of the value is not UTF-8", 9, 7, 1)
    store.see([Sighting.of_finding(finding, NOW)], NOW)
    assert only(store).sources == ("group", "scan")
    blamed = BlamedRecord("orders", 3, 1442, "JsonParseException", "byte 3", "billing", None, 1)
    store.see([Sighting.of_blamed(blamed, NOW)], NOW)
    assert {one.cause for one in store.incidents()} == {"utf8", "JsonParseException"}


def test_a_group_that_moves_again_has_solved_it(store: IncidentStore) -> None:
    stand(store, stuck())
    stand(store, at=NOW + 1)  # not seen, but not known to have moved either
    assert only(store).state is IncidentState.OPEN
    assert store.standings() == {standing_of(stuck())}
    stand(store, moved=(stuck(),), at=NOW + 2)
    assert only(store).state is IncidentState.SOLVED
    assert store.standings() == frozenset()


def test_a_group_that_stands_again_opens_it_anew(store: IncidentStore) -> None:
    stand(store, stuck())
    stand(store, moved=(stuck(),), at=NOW + 10)
    stand(store, stuck(), at=NOW + 11)  # an older sample
    assert only(store).state is IncidentState.SOLVED
    stand(store, stuck(since_ms=NOW + 20), at=NOW + 30)
    assert only(store).state is IncidentState.OPEN
    assert only(store).count == 1


@pytest.mark.parametrize(
    ("copied", "moves", "state"),
    [
        ([RECORD], {("billing", "orders", 3): (1442, 1443)}, IncidentState.REROUTED),
        ([], {("billing", "orders", 3): (1400, 1443)}, IncidentState.SKIPPED),
        ([], {("billing", "orders", 3): (1443, 1444)}, IncidentState.OPEN),
        ([], {("billing", "orders", 3): (1400, 1442)}, IncidentState.OPEN),  # it stands before the record now
        ([], {("shipping", "orders", 3): (1442, 1443)}, IncidentState.OPEN),
        ([RECORD], {}, IncidentState.OPEN),  # copied, and the group still stands
    ],
)
def test_a_write_changes_the_state(
    store: IncidentStore,
    copied: list[RecordId],
    moves: dict[tuple[str, str, int], tuple[int, int]],
    state: IncidentState,
) -> None:
    stand(store, stuck())
    store.close(copied, moves, 17, NOW + 1)
    found = only(store)
    assert found.state is state
    assert found.places[0].journal_id == (None if state is IncidentState.OPEN else 17)


def test_a_write_says_more_than_the_sample_that_saw_the_group_move_first(store: IncidentStore) -> None:
    stand(store, stuck())
    stand(store, moved=(stuck(),), at=NOW + 1)
    store.close([RECORD], {("billing", "orders", 3): (1442, 1443)}, 17, NOW + 2)
    assert only(store).state is IncidentState.REROUTED


def test_a_finding_that_is_copied_is_rerouted_without_a_group(store: IncidentStore) -> None:
    finding = Finding(RECORD, None, "value", "json", "byte 7 is not JSON", 9, 7, 1)
    store.see([Sighting.of_finding(finding, NOW)], NOW)
    store.close([RECORD], {}, 17, NOW + 1)
    assert only(store).state is IncidentState.REROUTED
    store.see([Sighting.of_finding(finding, NOW + 2)], NOW + 2)  # another scan finds it again: it is still copied
    assert only(store).state is IncidentState.REROUTED


def test_an_undecided_place_becomes_the_poison_that_is_found_there_with_its_note(store: IncidentStore) -> None:
    stand(store, stuck(poison=False))
    store.note(only(store).id, "asked the team")
    stand(store, stuck(), at=NOW + 1)
    found = only(store)
    assert (found.cause, found.note, found.count) == ("utf8", "asked the team", 1)


def test_an_ignored_group_stays_ignored_while_it_stands_there(store: IncidentStore) -> None:
    stand(store, stuck(), stuck("shipping"))
    store.ignore_standing(Sighting.of_stuck(stuck()), NOW + 1)
    stand(store, stuck(), stuck("shipping"), at=NOW + 2)
    found = only(store)
    assert found.state is IncidentState.OPEN  # shipping's
    assert list(found.standings(IncidentState.IGNORED)) == [standing_of(stuck())]
    stand(store, stuck(poison=False), at=NOW + 3)  # after a restart: its record was not read yet
    assert [list(one.standings(IncidentState.IGNORED)) for one in store.incidents()] == [[standing_of(stuck())]]
    stand(store, stuck(offset=1500, since_ms=NOW + 4), moved=(stuck(),), at=NOW + 5)
    assert {one.state for one in only(store).places} == {IncidentState.SOLVED, IncidentState.OPEN}


def test_an_ignored_incident_is_opened_again(store: IncidentStore) -> None:
    stand(store, stuck())
    store.ignore(only(store).id, NOW)
    assert only(store).state is IncidentState.IGNORED
    store.reopen(only(store).id, NOW)
    assert only(store).state is IncidentState.OPEN
    with pytest.raises(RefusedHere, match="There is no incident 99"):
        store.note(99, "x")


def test_only_what_is_open_is_ignored_and_only_what_is_named_is_reopened(store: IncidentStore) -> None:
    stand(store, stuck(), stuck("shipping"))
    store.close([RECORD], {("billing", "orders", 3): (1442, 1443)}, 17, NOW + 1)
    assert only(store).states == (IncidentState.OPEN, IncidentState.REROUTED)
    store.ignore(only(store).id, NOW + 2)
    assert only(store).states == (IncidentState.REROUTED, IncidentState.IGNORED)
    assert only(store).within(IncidentState.REROUTED).groups == ("billing",)
    store.reopen(only(store).id, NOW + 3, IncidentState.IGNORED)
    assert only(store).within(IncidentState.OPEN).groups == ("shipping",)
    assert only(store).within(IncidentState.REROUTED).places[0].journal_id == 17


def test_all_partitions_that_nobody_reads_are_one_place(store: IncidentStore) -> None:
    absent = replace(stuck(poison=False), verdict=Verdict.NO_MEMBERS, partitions=4, topic_lag=9)
    stand(store, absent)
    assert (only(store).places[0].partition, only(store).places[0].offset) == (None, None)
    assert only(store).records == ()


def test_another_connection_has_its_own(store: IncidentStore, journal: Path) -> None:
    stand(store, stuck())
    assert IncidentStore("orders-us", journal).incidents() == ()
    assert len(IncidentStore("orders-eu", journal).incidents()) == 1


def test_two_windows_at_once_lose_nothing(journal: Path) -> None:
    def see(number: int) -> None:
        record = Finding(RecordId("orders", 0, number), None, "value", "json", "not JSON", 1, None, 0)
        IncidentStore("orders-eu", journal).see([Sighting.of_finding(record, NOW)], NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(see, range(60)))
    assert only(IncidentStore("orders-eu", journal)).count == 60


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be looked at" * 50, b"\0" * 4096])
def test_a_damaged_file_is_kept_aside_and_said(store: IncidentStore, journal: Path, content: bytes) -> None:
    file = journal.with_name("incidents.sqlite3")
    file.write_bytes(content)
    stand(store, stuck())
    assert only(store).cause == "utf8"
    (aside,) = journal.parent.glob("incidents.sqlite3.damaged-*")
    assert aside.read_bytes() == content
    assert str(aside) in store.damage


def test_a_file_that_is_sound_is_never_put_aside(
    store: IncidentStore, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(store, stuck())
    before = store.incidents()

    def clash(*_: object) -> None:
        raise sqlite3.IntegrityError("UNIQUE constraint failed")

    with monkeypatch.context() as broken:
        broken.setattr(stores, "_insert_place", clash)
        with pytest.raises(IncidentsUnavailable, match="UNIQUE constraint failed"):
            stand(store, stuck("shipping"))
    assert (store.incidents(), store.damage) == (before, "")
    assert not list(journal.parent.glob("*.damaged-*"))


@pytest.mark.parametrize("form", PayloadForm)
def test_reasons_are_kept_where_records_are_kept_as_they_are(journal: Path, form: PayloadForm) -> None:
    profile = ConnectionProfile("orders-eu", "b:1", journal=JournalRules(payloads=form))
    store = IncidentStore.of(profile, journal)
    sightings = [
        Sighting(IncidentSource.SCAN, "orders", 0, number, None, "json", f"'{word}' is no integer", NOW)
        for number, word in enumerate(("secret", "hidden"))
    ]
    store.see(sightings, NOW)
    quotes = form is PayloadForm.KEPT
    found = store.incidents()
    assert sorted(one.reason for one in found) == (
        ["'hidden' is no integer", "'secret' is no integer"] if quotes else ["json"]
    )
    assert sum(one.count for one in found) == 2
    content = journal.with_name("incidents.sqlite3").read_bytes()
    assert (b"secret" in content, b"hidden" in content) == (quotes, quotes)


def test_places_are_counted_beyond_those_that_are_shown(store: IncidentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "SHOWN_PLACES", 3)

    def sighting(number: int) -> Sighting:
        return Sighting(IncidentSource.SCAN, "orders", 0, number, None, "json", "not JSON", NOW)

    store.see(map(sighting, range(9)), NOW)
    store.close([RecordId("orders", 0, number) for number in range(5)], {}, 1, NOW + 1)
    store.see(map(sighting, range(5, 9)), NOW + 2)
    found = only(store)
    assert (found.count, found.open_count, len(found.places)) == (9, 4, 3)
    assert found.states == (IncidentState.OPEN, IncidentState.REROUTED)
    assert [found.within(state).count for state in found.states] == [4, 5]


def test_one_of_a_later_release_is_left_as_it_is(store: IncidentStore, journal: Path) -> None:
    file = journal.with_name("incidents.sqlite3")
    with sqlite3.connect(file) as later:
        later.execute("PRAGMA user_version = 9")
    later.close()
    before = file.read_bytes()
    with pytest.raises(IncidentsUnavailable, match="newer kafkaview"):
        store.incidents()
    assert file.read_bytes() == before


def test_of_too_many_places_the_oldest_that_are_over_are_forgotten(
    store: IncidentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "MOST_PLACES", 5)

    def sighting(number: int) -> Sighting:
        return Sighting(IncidentSource.SCAN, "orders", 0, number, None, "json", "not JSON", NOW)

    store.see([sighting(number) for number in range(4)], NOW)
    store.close([RecordId("orders", 0, 3)], {}, 1, NOW + 1)
    store.see([sighting(number) for number in range(4, 7)], NOW + 2)
    assert sorted(place.offset or 0 for place in only(store).places) == [1, 2, 4, 5, 6]


def test_the_state_of_every_record_is_told_however_many_an_incident_has(
    store: IncidentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "SHOWN_PLACES", 2)
    found = [Sighting(IncidentSource.SCAN, "orders", 0, number, None, "json", "not JSON", NOW) for number in range(5)]
    store.see([*found, replace(found[0], topic="payments")], NOW)
    copied = frozenset(RecordId("orders", 0, number) for number in range(4))
    store.close(copied, {}, 1, NOW)
    assert sum(len(one.places) for one in store.incidents() if one.topic == "orders") == 2
    assert dict(store.places_of("orders")) == {
        **dict.fromkeys(copied, IncidentState.REROUTED),
        RecordId("orders", 0, 4): IncidentState.OPEN,
    }
