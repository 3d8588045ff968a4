"""Names that topics of dead letters have by convention. A name alone proves nothing."""

from __future__ import annotations

import re
from typing import Final

from kafkaview.profiles.field_checks import TOPIC

# X-dlq, X.DLT, dlq-lcc-X, X-dead-letter, dead-letter-topic-X, Spring Cloud's error.X.GROUP, X.errors, and Spring's
# X-retry-0.
_NAME: Final = re.compile(
    r"""(^|[-._]) (dlq|dlt|dead[-._]?letters?) ([-._]|$)
    | ^error\.[^.]+\..
    | [-._] errors? $
    | [-._] retry ([-._]\d+)? $""",
    re.IGNORECASE | re.VERBOSE,
)


def is_named_as_queue(topic: str, pattern: str | None = None) -> bool:
    """Returns whether a topic has a name that tools give to their dead letters, or that the `pattern` of the connection
    gives.
    """
    if pattern is not None and re.fullmatch(".+".join(map(re.escape, pattern.split(TOPIC))), topic):
        return True
    return _NAME.search(topic) is not None
