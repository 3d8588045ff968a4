"""What the Records page says of a read in its foot."""

from __future__ import annotations

import pytest

from kafkaview.records.progress import ReadProgress
from kafkaview.ui.pages.records.loaded_records import _newest
from kafkaview.ui.pages.records.words import describe_end, describe_run
from tests.ui.pages.conftest import Stage
from tests.ui.pages.test_records_page import read


@pytest.mark.parametrize(
    ("progress", "shown", "earlier", "words"),
    [
        (ReadProgress(40, 40, 40), 40, 0, "40 records"),
        (ReadProgress(40, 43, 43), 40, 0, "40 records"),  # three offsets are transaction markers
        (ReadProgress(250, 250, 250), 200, 0, "200 of 250 records"),
        (ReadProgress(400, 400, 359_000), 200, 0, "200 of about 359,000 records"),
        (ReadProgress(400, 400, 358_800), 400, 200, "400 of about 359,000 records"),
        (ReadProgress(50, 50, 50), 250, 200, "250 records"),
    ],
)
def test_what_is_not_read_yet_is_called_about(progress: ReadProgress, shown: int, earlier: int, words: str) -> None:
    assert describe_end(progress, shown, searches=False, earlier=earlier) == f"{words}, read in 0 ms"


def test_a_read_that_is_done_counts_exactly() -> None:
    assert describe_run(ReadProgress(7, 7, 40), 7, searches=False) == "7 of about 40 records read"
    assert describe_run(ReadProgress(38, 40, 40), 38, searches=False) == "38 records read"


async def test_the_foot_counts_a_topic_that_is_shown_whole(stage: Stage) -> None:
    page = await read(stage, "payments")
    assert page.foot.words.text().startswith("20 records, read in ")


async def test_older_records_do_not_make_the_topic_smaller(stage: Stage) -> None:
    page = await read(stage, "orders")
    assert page.foot.words.text().startswith("200 of 602 records, ")
    page.foot.more.click()
    await stage.until(lambda: len(page.loaded.rows) == 400 and not page.loaded.running)
    assert page.foot.words.text().startswith("400 of about 602 records, ")


def test_a_note_gives_way_to_a_later_one_on_the_same_partition() -> None:
    away = "Not followed: orders:0 has no leader: its only replica is on broker 1"
    other = "The leader of orders:2, broker 3, does not answer"
    again = "The leader of orders:0 answers: it is followed from 38 on"
    assert _newest((away, other, again)) == (other, again)
    assert _newest((away, "2 offsets left out: they come in faster than they are read")) == (
        away,
        "2 offsets left out: they come in faster than they are read",
    )
