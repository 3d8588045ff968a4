"""The rights of this principal, checked without a change. Without rights a cluster looks empty, with error 0 in every
response. So the doctor sends the requests that do return an error, and reads the authorized operations that the broker
returns for the cluster and each topic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from kafka.protocol.admin import (  # type: ignore[import-untyped]
    DescribeAclsRequest,
    DescribeConfigsRequest,
    DescribeQuorumRequest,
    ListGroupsRequest,
)
from kafka.protocol.metadata import MetadataRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import reading, rows_of
from kafkaview.cluster.kafka.acls import EVERY_ACL
from kafkaview.doctor.conversation import Conversation
from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.doctor.fault import FailedStep

_WRITE, _CREATE, _DESCRIBE = 4, 5, 8
_BROKER: Final = 4
_REFUSED: Final = {29: "TOPIC", 30: "GROUP", 31: "CLUSTER"}
_NO_AUTHORIZER: Final = 54
_NOT_IN_FULL: Final = ("may not ", "may list only ", "hears nothing ")
_UNSUPPORTED_VERSION: Final = 35  # what a broker would say to a request that its release does not take
_DEAD_LETTERS: Final = re.compile(r"(?i)(?:^|[._-])(?:dlq|dlt|dead[._-]?letters?(?:[._-]?queue)?)(?:$|[._-])")


@dataclass(frozen=True, slots=True)
class Rights:
    """The rights, one line each; `missing` are the rights whose deciding requests were refused."""

    lines: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def refused(self) -> tuple[str, ...]:
        """The lines of what the principal may not, may in part, or gets no answer to."""
        return tuple(line for line in self.lines if line.startswith(_NOT_IN_FULL))

    def describe(self, who: str) -> str:
        """Returns all rights in words. Raises FailedStep if one that decides is missing."""
        words = f"{who} {'; '.join(self.lines)}."
        if self.missing:
            needs = " and ".join(self.missing)
            hint = f"Ask for {needs} on the cluster for {who}."
            raise FailedStep(DiagnosisLayer.AUTHORIZATION, Cause.NOT_AUTHORIZED, words, hint)
        return words


_NO_CONTROLLER: Final = "hears nothing of the quorum now: the controller does not answer the broker"


async def rights_on(conversation: Conversation, broker: int) -> Rights:
    """Checks the rights with the broker of this conversation."""
    seen = await conversation.ask(
        MetadataRequest,
        9,
        topics=None,
        allow_auto_topic_creation=False,
        include_cluster_authorized_operations=True,
        include_topic_authorized_operations=True,
    )
    configs = await _configs_error(conversation, broker)
    groups, acls = await _groups(conversation, seen.authorized_operations), await _acls(conversation)
    quorum: int | None = None
    try:  # the last question: the broker hands it on to the controller, which may be away
        quorum = await _quorum_error(conversation)
        of_quorum = "sees no quorum, as on ZooKeeper" if quorum is None else _may("read the quorum", quorum)
    except TimeoutError:
        of_quorum = _NO_CONTROLLER
    lines = [groups, _may("read the settings of brokers", configs), of_quorum, acls, _dead_letters(seen)]
    missing = [right for right, error in (("DESCRIBE_CONFIGS", configs), ("DESCRIBE", quorum)) if error in _REFUSED]
    return Rights(tuple(lines), tuple(missing))


async def _configs_error(conversation: Conversation, broker: int) -> int:
    """Returns the error of DescribeConfigs for this broker; another broker would reject the request."""
    if not conversation.takes(DescribeConfigsRequest):
        return _UNSUPPORTED_VERSION
    answer = await conversation.ask(DescribeConfigsRequest, 4, resources=[(_BROKER, str(broker), ["log.dirs"])])
    with reading("reading the settings"):
        return int(answer.results[0].error_code)


async def _quorum_error(conversation: Conversation) -> int | None:
    if not conversation.takes(DescribeQuorumRequest):
        return None
    topic = DescribeQuorumRequest.TopicData
    partition = topic(topic_name="__cluster_metadata", partitions=[topic.PartitionData(partition_index=0)])
    return int((await conversation.ask(DescribeQuorumRequest, 0, topics=[partition])).error_code)


async def _groups(conversation: Conversation, operations: set[int] | None) -> str:
    if not conversation.takes(ListGroupsRequest):
        return _may("list groups", _UNSUPPORTED_VERSION)
    answer = await conversation.ask(ListGroupsRequest, 4, states_filter=[])
    if answer.error_code:
        return _may("list groups", answer.error_code)
    count = len(list(rows_of(answer.groups)))
    here = f"{count} {'group' if count == 1 else 'groups'} on this broker"
    if operations is None:
        return f"sees {here}"
    if _DESCRIBE not in operations:
        return f"may list only the groups on which it has DESCRIBE ({here})"
    return f"may list all groups ({here})"


async def _acls(conversation: Conversation) -> str:
    if not conversation.takes(DescribeAclsRequest):
        return _may("read the ACLs", _UNSUPPORTED_VERSION)
    answer = await conversation.ask(DescribeAclsRequest, 3, **EVERY_ACL)
    if answer.error_code == _NO_AUTHORIZER:
        return "no authorizer: everybody may do everything"
    return _may("read the ACLs", answer.error_code)


def _dead_letters(seen: Any) -> str:
    """Returns to which topics dead letters can be written, and whether a new topic can be created."""
    topics = [topic for topic in rows_of(seen.topics) if not topic.is_internal]
    if topics and all(topic.authorized_operations is None for topic in topics):
        seen_topics = f"sees {len(topics)} {'topic' if len(topics) == 1 else 'topics'}"
        return f"{seen_topics}; which topics it may write to is unknown, because the broker does not tell it"
    writable = [topic.name for topic in topics if _WRITE in (topic.authorized_operations or ())]
    named = [topic.name for topic in topics if _DEAD_LETTERS.search(topic.name or "")]
    words = f"may write to {len(writable)} of {len(topics)} topics"
    if named:
        words += f", dead letters: {sum(name in writable for name in named)} of {len(named)}"
    operations = seen.authorized_operations
    if operations is None:
        return words
    return f"{words}, and {'may' if _CREATE in operations else 'may not'} make new ones"


def _may(deed: str, error: int) -> str:
    if error in _REFUSED:
        return f"may not {deed} ({_REFUSED[error]}_AUTHORIZATION_FAILED)"
    if error == _UNSUPPORTED_VERSION:
        return f"cannot {deed} (the broker's release lacks this request)"
    if error:
        return f"cannot {deed} (error {error})"
    return f"may {deed}"
