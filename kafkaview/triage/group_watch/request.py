"""What a watch is asked for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kafkaview.triage.provenance_headers import Dialect

if TYPE_CHECKING:
    from kafkaview.triage.scan.rules import Rule

_PREFIX: Final = "kafkaview-watch-"
_LONGEST: Final = 150  # characters of the names of topics in a group's name


@dataclass(frozen=True, slots=True)
class GroupWatchRequest:
    """The topics, the rules (without one those that are kept for a topic, else its own format), and the group, whose
    default is named after the topics. `dlq` None copies nothing.
    """

    topics: tuple[str, ...]
    value_rules: tuple[Rule, ...] = ()
    key_rules: tuple[Rule, ...] = ()
    dlq: str | None = None
    create_dlq: bool = False
    dialect: Dialect = Dialect.KAFKA
    group: str | None = None
    from_end: bool = False
    metrics: str | None = None

    @property
    def group_name(self) -> str:
        """The group: the same for every copy that is started with the same topics."""
        if self.group is not None:
            return self.group
        topics = "+".join(sorted(set(self.topics)))
        if len(topics) > _LONGEST:
            topics = f"{topics[:_LONGEST]}-{hashlib.sha256(topics.encode()).hexdigest()[:8]}"
        return f"{_PREFIX}{topics}"
