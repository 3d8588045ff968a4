"""What a preset makes of the names that it is given."""

from __future__ import annotations

import pytest

from kafkaview.cluster.ports.security import ResourceType
from kafkaview.security.presets import PRESETS

_PRESETS = {preset.name: preset for preset in PRESETS}


@pytest.mark.parametrize("group", [" g", "g:1=2,3", "g ", ","])
def test_a_group_is_named_as_it_is(group: str) -> None:
    acls = _PRESETS["consumer"].acls("User:a", {"topic": "t", "group": group})
    assert [acl.name for acl in acls if acl.resource_type is ResourceType.GROUP] == [group]


def test_a_transactional_id_is_named_as_it_is() -> None:
    acls = _PRESETS["transactional-producer"].acls("User:a", {"topic": "t", "transactional-id": " a,b "})
    assert acls[-1].name == " a,b "


def test_topics_are_separated_by_commas() -> None:
    acls = _PRESETS["kafkaview-triage"].acls("User:a", {"dead-letters": "a-dlq, b-dlq"})
    names = {acl.name for acl in acls if acl.resource_type is ResourceType.TOPIC}
    assert names == {"*", "a-dlq", "b-dlq"}
