"""Names that topics of dead letters have by convention. A name alone proves nothing."""

from __future__ import annotations

import re
from typing import Final

# X-dlq, X.DLT, dlq-lcc-X, X-dead-letter, dead-letter-topic-X, Spring Cloud's error.X.GROUP, X.errors, and Spring's
# X-retry-0.
_NAME: Final = re.compile(
    r"""(^|[-._]) (dlq|dlt|dead[-._]?letters?) ([-._]|$)
    | ^error\.[^.]+\..
    | [-._] errors? $
    | [-._] retry ([-._]\d+)? $""",
    re.IGNORECASE | re.VERBOSE,
)


def is_named_as_queue(topic: str) -> bool:
    """Returns whether a topic has a name that tools give to their dead letters."""
    return _NAME.search(topic) is not None
