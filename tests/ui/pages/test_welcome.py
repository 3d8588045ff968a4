"""The ways in."""

from __future__ import annotations

from pathlib import Path

import pytest

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.theme import Theme
from kafkaview.ui.welcome.page import WelcomePage


@pytest.fixture
def page(theme: Theme) -> WelcomePage:
    return WelcomePage(theme)


def test_typed_brokers_become_a_profile(page: WelcomePage) -> None:
    wanted: list[ConnectionProfile] = []
    page.connect_to.connect(lambda profile, _secrets: wanted.append(profile))
    page.servers.setText(" a:9092,b:9092 ")
    page.open.click()
    assert [profile.bootstrap for profile in wanted] == ["a:9092,b:9092"]


def test_no_broker_is_asked_for_in_words(page: WelcomePage) -> None:
    wanted: list[ConnectionProfile] = []
    page.connect_to.connect(lambda profile, _secrets: wanted.append(profile))
    page.open.click()
    assert not wanted
    assert page._wrong.text() == "Name at least one broker: host:9092"


def test_a_file_that_names_no_broker_is_refused_in_words(page: WelcomePage, tmp_path: Path) -> None:
    file = tmp_path / "client.properties"
    file.write_text("client.id=me\n")
    wanted: list[ConnectionProfile] = []
    page.connect_to.connect(lambda profile, _secrets: wanted.append(profile))
    page._connect(None, file)
    assert not wanted
    assert page._wrong.text()


def test_a_running_start_cannot_be_started_twice(page: WelcomePage) -> None:
    page.say("The demo starts")
    assert not page.start.isEnabled()
    page.say("")
    assert page.start.isEnabled()
