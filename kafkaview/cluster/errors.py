"""Errors of a cluster, one class for each thing that the user can act on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from kafkaview.failure import Failure

T = TypeVar("T")


class ClusterError(Failure):
    """An error of the cluster or of a connection to it. Its message keeps the broker's own words."""


class Unreachable(ClusterError):
    """No broker answers, or the broker that is needed does not."""

    kind = "unreachable"
    exit_code = 3


class GroupsUnlisted(Unreachable):
    """Brokers answer, but none that lists a group: those that do not may coordinate all of them."""


class ClientStuck(Unreachable):
    """The client library does not come back from a call. Its transaction is not committed: brokers end it by time."""


class UnreadableAnswer(Unreachable):
    """A broker's answer cannot be read."""

    kind = "unreadable"
    exit_code = 1


class ControllerAddress(Unreachable):
    """A KRaft controller answers where a broker is expected. A controller serves no consumers or producers."""

    kind = "controller_address"


class AuthenticationFailed(ClusterError):
    """The broker refused the login."""

    kind = "authentication"
    exit_code = 3


class UnusableProfile(ClusterError):
    """Something that the profile names cannot be used, such as a file, a key or a missing secret. Nothing was sent."""

    kind = "configuration"
    exit_code = 3


class UnsupportedHere(ClusterError):
    """A client library on this computer lacks what the profile needs."""

    kind = "unsupported"
    exit_code = 3


class NotAuthorized(ClusterError):
    """The principal lacks a right."""

    kind = "authorization"
    exit_code = 5


class ReadRefused(NotAuthorized):
    """The principal may not read `topics`; there may be more of them among those of the read."""

    def __init__(self, message: str, hint: str = "", topics: frozenset[str] = frozenset()) -> None:
        super().__init__(message, hint)
        self.topics = topics


class RefusedByPolicy(ClusterError):
    """The broker refused a request that is well-formed and authorized, because of a policy, a size or a setting."""

    kind = "policy"
    exit_code = 5


class GroupNotEmpty(RefusedByPolicy):
    """The broker refused to change a group from outside, because it has members."""

    kind = "group_not_empty"


class RecordTooLarge(RefusedByPolicy):
    """The record is larger than the topic or the broker accepts."""

    kind = "record_too_large"


class UnknownTopicOrPartition(ClusterError):
    """The topic or partition does not exist, or the principal may not see it."""

    kind = "unknown_topic_or_partition"


class TopicExists(ClusterError):
    """A topic of that name exists already."""


class UnknownGroup(ClusterError):
    """The group does not exist, or the principal may not see it."""

    kind = "unknown_group"


class OffsetOutOfRange(ClusterError):
    """The offset lies outside the partition's log."""

    kind = "offset_out_of_range"


class CorruptBatch(ClusterError):
    """A record batch fails its checksum."""

    kind = "corrupt_batch"


class UnsupportedByBroker(ClusterError):
    """The broker's release does not support this request."""

    kind = "unsupported"


class ReadOnly(ClusterError):
    """This profile is read-only: nothing was sent."""

    kind = "read_only"
    exit_code = 4


class RefusedHere(ClusterError):
    """kafkaview refuses this action. Nothing was sent."""

    kind = "refused"
    exit_code = 4


class PlanNoLongerHolds(ClusterError):
    """The cluster has changed since the plan was made. Nothing was written."""

    kind = "plan_no_longer_holds"
    exit_code = 6


class FencedTransaction(PlanNoLongerHolds):
    """Another transaction has begun under the same transactional id, and this one was aborted."""


class OutcomeUnknown(ClusterError):
    """A write was sent and no answer arrived. It may have taken effect or not."""

    kind = "outcome_unknown"


class QueueUnsure(OutcomeUnknown):
    """A dead letter queue was asked for and no answer arrived: brokers may have made it, or make it yet. Nothing else
    was written.
    """


async def attempt(ask: Callable[[], Awaitable[T]]) -> T | ClusterError:
    """Returns the answer, or the error in its place. Sends no request if it is cancelled before it runs."""
    try:
        return await ask()
    except ClusterError as error:
        return error


class DecoderUnavailable(ClusterError):
    """A decoder cannot judge a record: its schema is not known here, or its process does not run."""

    kind = "decoder_unavailable"


class SchemaUnavailable(ClusterError):
    """The registry gives no answer, or none that can be used; it may do so later."""

    kind = "registry_unavailable"
    exit_code = 3


class SchemaUnknown(ClusterError):
    """The registry has no such schema."""

    kind = "unknown_schema"
