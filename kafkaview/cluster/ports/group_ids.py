"""The group ids that a transaction can name.

A group id is any text in Kafka's protocol; the client library allows less.
"""

from __future__ import annotations

import re
from typing import Final

# librdkafka reads a group's identity only where every byte is isprint() in the C locale
# (rd_kafka_consumer_group_metadata_read in rdkafka_cgrp.c); brokers refuse an empty one there (INVALID_GROUP_ID).
_PRINTABLE: Final = re.compile(r"[ -~]+")


def fits_transaction(group: str) -> bool:
    """Returns whether a group can be moved within a transaction."""
    return _PRINTABLE.fullmatch(group) is not None
