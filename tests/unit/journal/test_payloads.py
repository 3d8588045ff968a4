"""The forms in which the journal keeps records: what is not there is said, and never read as null."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from kafkaview.journal.errors import JournalUnavailable, PayloadUnreadable
from kafkaview.journal.payloads import MaskedPart
from kafkaview.journal.sealing import SealingKeys
from kafkaview.journal.store import Journal
from kafkaview.profiles.journal_rules import JournalRules, PayloadForm
from kafkaview.terms import Header
from tests.kit.payloads import payloads_of
from tests.ui.connections.rings import MemoryRing, NoRing, keyring
from tests.unit.journal.entries import ODD, TOMBSTONE, add, intent

ENCRYPTED = JournalRules(payloads=PayloadForm.ENCRYPTED)
SECRET = replace(ODD, key=b"key-of-rene", value=b"card 4111", headers=(Header("iban", b"DE02 1203"), Header("n", None)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


@pytest.fixture
def ring() -> MemoryRing:
    return MemoryRing()


@pytest.fixture
async def journal(path: Path, ring: MemoryRing) -> AsyncIterator[Journal]:
    journal = Journal(path, SealingKeys(keyring(ring)))
    yield journal
    await journal.close()


def bytes_of(path: Path) -> bytes:
    """All that stands in the files of the journal."""
    return b"".join(one.read_bytes() for one in path.parent.iterdir() if one.name.startswith(path.name))


async def read_again(path: Path, ring: MemoryRing, entry: int) -> Journal:
    """The journal as another program opens it; the entry itself can always be read."""
    journal = Journal(path, SealingKeys(keyring(ring)))
    found = await journal.entry(entry)
    assert found is not None
    assert found.intent.title == "Send 1 record"
    return journal


async def test_encrypted_records_come_back_byte_for_byte_and_stand_nowhere_in_the_clear(
    journal: Journal, path: Path, ring: MemoryRing
) -> None:
    entry = await add(journal, intent(), SECRET, TOMBSTONE, replace(ODD, offset=7), rules=ENCRYPTED)
    assert await payloads_of(journal, entry) == (TOMBSTONE, replace(ODD, offset=7), SECRET)
    content = bytes_of(path)
    for secret in (b"key-of-rene", b"4111", b"1203", b"iban", b"Ren\xe9"):
        assert secret not in content
    again = await read_again(path, ring, entry)
    assert await payloads_of(again, entry) == (TOMBSTONE, replace(ODD, offset=7), SECRET)
    await again.close()
    assert len(ring.entries) == 1


async def test_a_key_that_is_missing_wrong_or_no_key_is_said(journal: Journal, path: Path, ring: MemoryRing) -> None:
    entry = await add(journal, intent(), SECRET, rules=ENCRYPTED)
    ((place, text),) = ring.entries.items()
    other = MemoryRing()
    await add(Journal(path.with_name("other.sqlite3"), SealingKeys(keyring(other))), intent(), SECRET, rules=ENCRYPTED)
    ((_, of_other),) = other.entries.items()
    for entries, why in (
        ({}, "is not in the keyring"),
        ({place: of_other}, "does not open the record orders:3:18442"),
        ({place: "no base64!"}, "is no key"),
        ({place: text[:8]}, "is no key"),
    ):
        ring.entries = entries
        again = await read_again(path, ring, entry)
        with pytest.raises(PayloadUnreadable, match=why):
            await payloads_of(again, entry)
        (kept,) = await again.kept_payloads(entry)
        assert (kept.record, kept.form, kept.outline.id) == (None, PayloadForm.ENCRYPTED, SECRET.id)
        await again.close()
    ring.entries = {place: text}
    again = await read_again(path, ring, entry)
    assert await payloads_of(again, entry) == (SECRET,)
    await again.close()


async def test_a_keyring_that_does_not_open_hides_the_records_alone(journal: Journal, path: Path) -> None:
    entry = await add(journal, intent(), SECRET, rules=ENCRYPTED)
    again = await read_again(path, NoRing(), entry)
    with pytest.raises(PayloadUnreadable, match="There is no keyring"):
        await payloads_of(again, entry)
    await again.close()


async def test_without_a_keyring_nothing_is_begun_that_has_records(path: Path) -> None:
    journal = Journal(path, SealingKeys(keyring(NoRing())))
    with pytest.raises(JournalUnavailable, match="cannot be encrypted: There is no keyring"):
        await journal.begin(intent(), [SECRET], ENCRYPTED)
    assert await journal.entries() == ()
    assert await journal.begin(intent(), [], ENCRYPTED) == 1
    await journal.close()


async def test_a_keyring_that_forgets_a_new_key_is_found_out(path: Path) -> None:
    class Forgetting(MemoryRing):
        def set_password(self, service: str, username: str, password: str) -> None:
            """Keeps nothing."""

    journal = Journal(path, SealingKeys(keyring(Forgetting())))
    with pytest.raises(JournalUnavailable, match="did not keep the key"):
        await journal.begin(intent(), [SECRET], ENCRYPTED)
    assert await journal.entries() == ()
    await journal.close()


async def test_one_key_serves_all_writes_and_a_lost_one_is_followed_by_another(
    journal: Journal, path: Path, ring: MemoryRing
) -> None:
    await add(journal, intent(), SECRET, rules=ENCRYPTED)
    second = Journal(path, SealingKeys(keyring(ring)))
    await add(second, intent(), SECRET, rules=ENCRYPTED)
    await second.close()
    assert len(ring.entries) == 1
    lost = dict(ring.entries)
    ring.entries.clear()
    third = Journal(path, SealingKeys(keyring(ring)))
    entry = await add(third, intent(), SECRET, rules=ENCRYPTED)
    assert await payloads_of(third, entry) == (SECRET,)
    ring.entries.update(lost)  # it is found again
    assert await payloads_of(third, 1) == (SECRET,)
    await third.close()


async def test_a_sealed_record_opens_at_its_own_place_alone(journal: Journal, path: Path) -> None:
    first = await add(journal, intent(), SECRET, rules=ENCRYPTED)
    second = await add(journal, intent(), replace(SECRET, value=b"another"), rules=ENCRYPTED)
    database = sqlite3.connect(path)
    with database:
        data = database.execute("SELECT data FROM sealed_payload WHERE entry_id = ?", (first,)).fetchone()
        database.execute("UPDATE sealed_payload SET data = ? WHERE entry_id = ?", (*data, second))
    database.close()
    assert await payloads_of(journal, first) == (SECRET,)
    with pytest.raises(PayloadUnreadable, match="does not open"):
        await payloads_of(journal, second)


async def test_masked_records_have_length_and_digest(journal: Journal, path: Path) -> None:
    entry = await add(journal, intent(), SECRET, TOMBSTONE, rules=JournalRules(payloads=PayloadForm.MASKED))
    tombstone, kept = await journal.kept_payloads(entry)
    digests = [hashlib.sha256(data).hexdigest() for data in (b"key-of-rene", b"card 4111", b"DE02 1203")]
    assert kept.masked == (
        MaskedPart("key", None, 11, digests[0]),
        MaskedPart("value", None, 9, digests[1]),
        MaskedPart("header", "iban", 9, digests[2]),
        MaskedPart("header", "n", None, None),
    )
    assert [part.sha256 for part in tombstone.masked] == [None, None]
    assert (kept.record, tombstone.record) == (None, None)
    with pytest.raises(PayloadUnreadable, match="Only length and SHA-256"):
        await payloads_of(journal, entry)
    assert [size for _place, _at, _form, size in await journal.payload_sizes(entry, 0, 10)] == [None, 9]
    assert b"4111" not in bytes_of(path)


async def test_left_out_records_leave_their_places(journal: Journal, path: Path) -> None:
    entry = await add(journal, intent(), SECRET, rules=JournalRules(payloads=PayloadForm.LEFT_OUT))
    with pytest.raises(PayloadUnreadable, match="are not kept"):
        await payloads_of(journal, entry)
    (kept,) = await journal.kept_payloads(entry)
    assert (kept.outline.id, kept.outline.timestamp_ms) == (SECRET.id, SECRET.timestamp_ms)
    content = bytes_of(path)
    assert [one for one in (b"4111", b"key-of-rene", b"iban") if one in content] == []


async def test_a_part_of_many_records_is_read(journal: Journal) -> None:
    records = [replace(ODD, offset=offset, value=b"x" * offset) for offset in range(30)]
    entry = await add(journal, intent(), *records)
    rows = await journal.payload_sizes(entry, 10, 5)
    assert [(place.offset, size) for place, _at, _form, size in rows] == [(n, n) for n in range(10, 15)]
    (one,) = await journal.kept_payloads(entry, place=records[20].id)
    assert one.record == records[20]
    assert await journal.kept_payloads(entry, place=replace(ODD, offset=99).id) == ()


async def test_a_record_is_found_in_the_newest_entry_that_has_its_bytes(
    journal: Journal, path: Path, ring: MemoryRing
) -> None:
    assert await journal.find_payload(SECRET.id, "cluster-1") is None
    await add(journal, intent(), SECRET)
    assert await journal.find_payload(SECRET.id, "cluster-1") == SECRET
    assert await journal.find_payload(SECRET.id, "cluster-2") is None
    assert await journal.find_payload(replace(SECRET, offset=9).id, "cluster-1") is None
    newer = replace(SECRET, value=b"newer")
    await add(journal, intent(), newer, rules=ENCRYPTED)
    assert await journal.find_payload(SECRET.id, "cluster-1") == newer
    for form in (PayloadForm.MASKED, PayloadForm.LEFT_OUT):
        await add(journal, intent(), replace(SECRET, value=b"newest"), rules=JournalRules(payloads=form))
    assert await journal.find_payload(SECRET.id, "cluster-1") == newer
    ring.entries.clear()
    again = Journal(path, SealingKeys(keyring(ring)))
    assert await again.find_payload(SECRET.id, "cluster-1") == SECRET
    await again.close()


async def test_a_record_that_is_there_encrypted_alone_is_not_said_to_be_missing(
    journal: Journal, path: Path, ring: MemoryRing
) -> None:
    await add(journal, intent(), SECRET, rules=ENCRYPTED)
    await add(journal, intent(), TOMBSTONE, rules=JournalRules(payloads=PayloadForm.LEFT_OUT))
    ring.entries.clear()
    again = Journal(path, SealingKeys(keyring(ring)))
    with pytest.raises(PayloadUnreadable, match="is not in the keyring"):
        await again.find_payload(SECRET.id, "cluster-1")
    assert await again.find_payload(TOMBSTONE.id, "cluster-1") is None
    await again.close()
