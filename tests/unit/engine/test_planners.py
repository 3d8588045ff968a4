"""A plan that the window may ask for is made somewhere, from what the window gives."""

from __future__ import annotations

from importlib import import_module
from inspect import signature

import pytest

from kafkaview.engine.planners import OF_CLUSTER, OF_SESSION
from kafkaview.engine.port import WriteCalls
from kafkaview.engine.session_service import SessionService

NAMES = sorted(name for name in vars(WriteCalls) if name.startswith("plan_"))


@pytest.mark.parametrize("name", NAMES)
def test_a_planner_takes_what_the_window_gives(name: str) -> None:
    module = (OF_SESSION | OF_CLUSTER).get(name)
    own = vars(SessionService).get(name) if module is None else getattr(import_module(f"kafkaview.{module}"), name)
    assert own is not None
    given, taken = (list(signature(one).parameters.values())[1:] for one in (vars(WriteCalls)[name], own))
    assert [one.name for one in given] == [one.name for one in taken][: len(given)]
    assert all(one.default is not one.empty for one in taken[len(given) :]), "the rest is optional"


def test_no_planner_is_kept_that_no_window_asks_for() -> None:
    assert set(OF_SESSION | OF_CLUSTER) <= set(NAMES)


@pytest.mark.parametrize(("subject", "names"), [("session", OF_SESSION), ("cluster", OF_CLUSTER)])
def test_a_planner_takes_the_session_or_the_cluster_first(subject: str, names: dict[str, str]) -> None:
    for name, module in names.items():
        planner = getattr(import_module(f"kafkaview.{module}"), name)
        assert next(iter(signature(planner).parameters)) == subject
