"""The words of the page: its finding, an answer, a missing right, how long a certificate lasts. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.errors import ClusterError, RefusedByPolicy
from kafkaview.cluster.ports.security import ListenerCertificate
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.security.decision import AclDecision, AclVerdict, rule_text
from kafkaview.security.expiry import days_left
from kafkaview.security.grant_line import principal_of
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.pages.security.parts import Part
from kafkaview.words import EscapedText, join_lines, plural

WARN_DAYS: Final = 30
BAD_DAYS: Final = 7
OPEN_TITLE: Final = "No authorizer: everybody may do everything"
OPEN_TEXT: Final = (
    "Whoever reaches a listener may read, write and delete every topic, and no ACL can be kept"
    " (SECURITY_DISABLED). Set authorizer.class.name on every node, and super.users first, to have ACLs."
)


@dataclass(frozen=True, slots=True)
class Said:
    """The answer to a question: its mark, its word, the reason, the rule that decides, and what could change it."""

    mark: Mark
    word: str
    because: str
    rule: str = ""
    more: str = ""


def describe_decision(answer: AclDecision) -> Said:
    """Returns an authorizer's answer in words."""
    rule = rule_text(answer.acl) if answer.acl is not None else ""
    unless = [f"Unless {answer.unless}."] if answer.unless else []
    elsewhere = [f"From another host it is decided otherwise: {rule_text(acl)}." for acl in answer.elsewhere[:3]]
    more = " ".join([*unless, *elsewhere])
    if answer.verdict is AclVerdict.ALLOWED:
        return Said(Mark.OK, "Yes", answer.because, rule, more)
    if answer.verdict is AclVerdict.UNKNOWN:
        return Said(Mark.UNKNOWN, "Not known", answer.because, rule, more)
    return Said(
        Mark.UNKNOWN if unless else Mark.BAD, "No, as far as is known" if unless else "No", answer.because, rule, more
    )


def describe_unreadable(error: ClusterError) -> Said:
    """Returns why the rules give no answer."""
    if open_to_all(error):
        return Said(Mark.WARN, "Yes", "This cluster has no authorizer: everybody may do everything.")
    return Said(Mark.UNKNOWN, "Not known", f"The ACLs could not be read: {error.message.removesuffix('.')}.")


def open_to_all(error: ClusterError | None) -> bool:
    """Returns whether the broker said that it has no authorizer."""
    return isinstance(error, RefusedByPolicy) and "SECURITY_DISABLED" in error.message


def missing_right_text(profile: ConnectionProfile, error: ClusterError) -> EscapedText:
    """Returns who may not read a part, what the broker said and the right to ask for; the command comes below."""
    text = f"{principal_of(profile)} may not: {error.message.removesuffix('.')}. {error.hint}".rstrip()
    return join_lines(text, "An admin can run this line:")


def certificate_mark(certificate: ListenerCertificate, now_ms: int) -> Mark:
    """Returns a warning under 30 days, bad under 7 days or after the end."""
    left = days_left(certificate.not_after_ms, now_ms)
    if left is None:
        return Mark.IDLE if certificate.plain else Mark.UNKNOWN
    return Mark.BAD if left < BAD_DAYS else Mark.WARN if left < WARN_DAYS else Mark.OK


def finding(counts: dict[Part, int], refused: dict[Part, ClusterError], ending: int) -> str:
    """Returns the page's first line."""
    if open_to_all(refused.get(Part.ACLS)):
        facts = ["No authorizer, everybody may do everything"]
    elif Part.ACLS in counts:
        facts = [plural(counts[Part.ACLS], "ACL")]
    else:
        facts = ["ACLs unknown"] if Part.ACLS in refused else []
    facts += [plural(counts[Part.USERS], "SCRAM user")] if Part.USERS in counts else []
    facts += [f"{plural(ending, 'certificate')} to renew"] if ending else []
    return ", ".join(facts)
