"""Times in binary data, as text that keeps every digit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

DAY_S: Final = 86_400
LAST_DAY: Final = (date.max - date(1970, 1, 1)).days
FIRST_DAY: Final = (date.min - date(1970, 1, 1)).days
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def timestamp_text(number: int, per_second: int, zone: str) -> str:
    """Returns a time since 1970 as a JSON string with all its digits; the number where no calendar has it."""
    seconds, part = divmod(number, per_second)
    if not FIRST_DAY <= seconds // DAY_S <= LAST_DAY:
        return str(number)
    moment = (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None)
    return f'"{moment.isoformat()}.{part:0{len(str(per_second)) - 1}d}{zone}"'
