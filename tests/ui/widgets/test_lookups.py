from __future__ import annotations

from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.page import Place
from kafkaview.ui.window.palette_entries import Names, PaletteEntry, PaletteSection, deeds, search
from kafkaview.ui.window.places import Places


def entry(title: str, note: str = "", *, urgent: bool = False) -> PaletteEntry:
    return PaletteEntry(PaletteSection.GO, "users", title, note, lambda: None, urgent=urgent)


TOPICS = [entry("orders")]
GROUPS = [entry("bill"), entry("billing", "group, stuck on orders:3", urgent=True)]
NAMES = [
    Names("#", [topic.title for topic in TOPICS], TOPICS.__getitem__),
    Names("@", [group.title for group in GROUPS], GROUPS.__getitem__, first=[1]),
]


def titles(typed: str) -> list[str]:
    return [found.title for found in search([], typed, NAMES)]


def test_entries_that_begin_with_the_word_come_first() -> None:
    assert titles("bil") == ["bill", "billing"]
    assert titles("orders") == ["orders", "billing"]


def test_signs_narrow_to_topics_and_groups() -> None:
    assert titles("#") == ["orders"]
    assert titles("@orders") == ["billing"]


def test_stuck_groups_come_first_before_anything_is_typed() -> None:
    assert titles("")[0] == "billing"


def test_an_unavailable_action_is_listed_with_its_reason() -> None:
    done: list[int] = []
    action = Action("send", "Send…", lambda: done.append(1), ("Ctrl+Return",), why_not=lambda: "No record is chosen")
    (found,) = deeds([action])
    action.run()
    assert found.why_not == "No record is chosen"
    assert not done


def test_every_action_that_fits_is_found_of_however_many() -> None:
    actions = [Action(f"acls.{n}", f"Deed {n} of Security", lambda: None, where="Security") for n in range(20)]
    assert len(search(deeds(actions), "security")) == 20
    assert len(search([entry(f"orders-{n}") for n in range(20)], "orders")) == 6


def test_back_returns_to_what_was_selected_when_one_left() -> None:
    places = Places()
    places.arrive(Place("triage"))
    places.leave(Place("triage", "billing"))
    places.arrive(Place("groups", "billing"))
    assert places.step(-1) == Place("triage", "billing")
    assert not places.leads(-1)
    assert places.step(-1) is None
    assert places.leads(1)
    assert places.step(1) == Place("groups", "billing")


def test_going_somewhere_new_forgets_what_lay_ahead() -> None:
    places = Places()
    for page in ("triage", "topics", "groups"):
        places.arrive(Place(page))
    places.step(-1)
    places.arrive(Place("triage"))
    assert places.step(1) is None
    assert places.step(-1) == Place("topics")
