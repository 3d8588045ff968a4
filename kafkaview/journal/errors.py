"""What can go wrong with the journal."""

from __future__ import annotations

from kafkaview.cluster.errors import ClusterError


class JournalUnavailable(ClusterError):
    """The journal's file cannot be read or written, so nothing is written to the cluster either."""

    kind = "journal"


class PayloadUnreadable(ClusterError):
    """The bytes of a record are not in the journal, or not readable: they were masked, left out or removed, or the key
    that they are encrypted with is missing or wrong.
    """

    kind = "journal_payload"
