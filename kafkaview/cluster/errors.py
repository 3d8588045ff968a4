"""What can go wrong with a cluster, named by what the user can do about it."""

from __future__ import annotations

from kafkaview.failure import Failure


class ClusterError(Failure):
    """An error of the cluster or of the way to it; its message keeps the broker's own words."""


class Unreachable(ClusterError):
    """No broker, or not the broker that is needed, answers."""

    kind = "unreachable"
    exit_code = 3


class UnreadableAnswer(Unreachable):
    """A broker answers, with something that cannot be read."""

    kind = "unreadable"
    exit_code = 1


class ControllerAddress(Unreachable):
    """A KRaft controller answers where a broker is expected; it serves no client."""

    kind = "controller_address"


class AuthenticationFailed(ClusterError):
    """The broker refused the login."""

    kind = "authentication"
    exit_code = 3


class UnusableProfile(ClusterError):
    """Something that the profile names cannot be used: a file, a key, a secret that is missing. Nothing was sent."""

    kind = "configuration"
    exit_code = 3


class UnsupportedHere(ClusterError):
    """A client library of this computer lacks what the profile asks for."""

    kind = "unsupported"
    exit_code = 3


class NotAuthorized(ClusterError):
    """The principal lacks a right."""

    kind = "authorization"
    exit_code = 5


class RefusedByPolicy(ClusterError):
    """The broker refused a request that is well-formed and authorized (policy, size, settings)."""

    kind = "policy"
    exit_code = 5


class GroupNotEmpty(RefusedByPolicy):
    """The broker refused to change a group from outside, because it has members."""

    kind = "group_not_empty"


class RecordTooLarge(RefusedByPolicy):
    """The record is larger than the topic or the broker takes."""

    kind = "record_too_large"


class UnknownTopicOrPartition(ClusterError):
    """The topic or partition is not there (or may not be seen)."""

    kind = "unknown_topic_or_partition"


class UnknownGroup(ClusterError):
    """The group is not there (or may not be seen)."""

    kind = "unknown_group"


class OffsetOutOfRange(ClusterError):
    """The offset lies outside the partition's log."""

    kind = "offset_out_of_range"


class CorruptBatch(ClusterError):
    """A record batch fails its checksum."""

    kind = "corrupt_batch"


class UnsupportedByBroker(ClusterError):
    """The broker's release lacks this request."""

    kind = "unsupported"


class ReadOnly(ClusterError):
    """This profile is read-only: nothing was sent."""

    kind = "read_only"
    exit_code = 4


class RefusedHere(ClusterError):
    """kafkaview itself will not do this as it was asked for."""

    kind = "refused"
    exit_code = 4


class PlanNoLongerHolds(ClusterError):
    """What the plan was made on has changed; nothing was written."""

    kind = "plan_no_longer_holds"
    exit_code = 6


class OutcomeUnknown(ClusterError):
    """A write was sent and the answer never came: it may or may not stand."""

    kind = "outcome_unknown"
