"""Empty lists: there are no rows, or the brokers silently leave out what the principal may not see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.security.grant_line import grant_line, principal_of


@dataclass(frozen=True, slots=True)
class HiddenKind:
    """What may be hidden: `noun` as Kafka calls it, `grant` the end of kafka-acls.sh's line that shows every one."""

    noun: str
    grant: tuple[str, ...]

    @property
    def none(self) -> str:
        """The words that none is listed, without claiming that there is none."""
        return f"No {self.noun} that you may see"

    def why(self, profile: ConnectionProfile) -> str:
        """Returns which right may be missing, and for which principal."""
        return (
            f"There is none, or {principal_of(profile)} lacks DESCRIBE on {self.noun.capitalize()}: brokers leave out "
            "what may not be seen. Then ask an admin for this line, or use another profile."
        )

    def line(self, profile: ConnectionProfile) -> str:
        """Returns the command for an admin."""
        return grant_line(profile, self.grant)


TOPICS: Final = HiddenKind("topic", ("--operation", "Describe", "--topic", "*"))
GROUPS: Final = HiddenKind("group", ("--operation", "Describe", "--group", "*"))
