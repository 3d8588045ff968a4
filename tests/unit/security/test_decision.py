"""The authorizers' answer, rule by rule. That it is the brokers' own is proved in tests/broker/test_may.py."""

from __future__ import annotations

from dataclasses import replace

from kafkaview.cluster.ports.security import (
    CLUSTER_NAME,
    Acl,
    Operation,
    PatternType,
    Permission,
    Resource,
    ResourceType,
)
from kafkaview.security.decision import AclDecision, AclQuestion, AclVerdict, Rules, decide, rule_text
from kafkaview.security.matrix import Right, matrix

ORDERS = Resource(ResourceType.TOPIC, "orders")
READS = Acl(ResourceType.TOPIC, "orders", PatternType.LITERAL, "User:app", "*", Operation.READ, Permission.ALLOW)
DENIES = replace(READS, permission=Permission.DENY)


def asked(operation: Operation, *acls: Acl, principal: str = "User:app", host: str | None = None) -> AclDecision:
    return decide(AclQuestion(principal, operation, ORDERS, host), Rules(acls, (), allow_everyone=False))


def test_one_deny_wins_over_every_allow() -> None:
    answer = asked(Operation.READ, READS, replace(READS, operation=Operation.ALL), DENIES)
    assert (answer.verdict, answer.acl) == (AclVerdict.DENIED, DENIES)
    assert "One DENY wins" in answer.because


def test_an_allowed_read_brings_describe_and_a_denied_one_takes_nothing_else() -> None:
    assert asked(Operation.DESCRIBE, READS).verdict is AclVerdict.ALLOWED
    assert asked(Operation.DESCRIBE, replace(READS, operation=Operation.DESCRIBE), DENIES).verdict is AclVerdict.ALLOWED


def test_a_prefix_and_the_star_fit_and_a_literal_beginning_does_not() -> None:
    prefixed = replace(READS, name="ord", pattern=PatternType.PREFIXED)
    assert asked(Operation.READ, prefixed).acl == prefixed
    assert "begins with ord" in asked(Operation.READ, prefixed).because
    assert asked(Operation.READ, replace(READS, name="*")).verdict is AclVerdict.ALLOWED
    assert asked(Operation.READ, replace(READS, name="ord")).verdict is AclVerdict.DENIED


def test_the_acl_that_names_the_resource_comes_before_wider_ones() -> None:
    wide = replace(READS, name="*", operation=Operation.ALL)
    assert asked(Operation.READ, wide, READS).acl == READS


def test_a_super_user_is_denied_nothing() -> None:
    answer = decide(
        AclQuestion("User:app", Operation.READ, ORDERS), Rules((DENIES,), ("User:app",), allow_everyone=False)
    )
    assert (answer.verdict, answer.acl) == (AclVerdict.ALLOWED, None)


def test_unreadable_rules_are_named_beside_a_denial() -> None:
    answer = decide(AclQuestion("User:app", Operation.READ, ORDERS), Rules((), None, None))
    assert answer.verdict is AclVerdict.DENIED
    assert "super.users" in answer.unless
    assert "allow.everyone.if.no.acl.found" in answer.unless
    allowed = decide(AclQuestion("User:app", Operation.READ, ORDERS), Rules((READS,), None, None))
    assert allowed.unless == ""


def test_no_acl_at_all_leaves_it_to_the_setting_and_any_acl_does_not() -> None:
    question = AclQuestion("User:other", Operation.READ, ORDERS)
    assert decide(question, Rules((), (), allow_everyone=True)).verdict is AclVerdict.ALLOWED
    assert decide(question, Rules((READS,), (), allow_everyone=True)).verdict is AclVerdict.DENIED


def test_the_rule_of_another_host_does_not_decide_and_is_listed() -> None:
    answer = asked(Operation.READ, replace(READS, host="10.0.0.7"), host="10.0.0.8")
    assert answer.verdict is AclVerdict.DENIED
    assert [one.host for one in answer.elsewhere] == ["10.0.0.7"]
    assert asked(Operation.READ, replace(READS, host="10.0.0.7"), host="10.0.0.7").verdict is AclVerdict.ALLOWED


def test_everybody_is_every_principal_of_whichever_type() -> None:
    """matchingPrincipals of StandardAuthorizerData.java, WildcardPrincipal of AclAuthorizer.scala."""
    everybody = replace(READS, principal="User:*")
    assert asked(Operation.READ, everybody).verdict is AclVerdict.ALLOWED
    assert asked(Operation.READ, everybody, principal="Group:app").verdict is AclVerdict.ALLOWED
    assert (
        asked(Operation.READ, replace(READS, principal="Group:*"), principal="Group:app").verdict is AclVerdict.DENIED
    )


def test_a_range_of_hosts_decides_for_the_addresses_that_it_holds() -> None:
    denies = replace(DENIES, host="10.0.0.0/8")
    inside = asked(Operation.READ, READS, denies, host="10.1.2.3")
    assert (inside.verdict, inside.acl, "4.4" in inside.unless) == (AclVerdict.DENIED, denies, True)
    outside = asked(Operation.READ, READS, denies, host="11.1.2.3")
    assert (outside.verdict, outside.elsewhere, outside.unless) == (AclVerdict.ALLOWED, (denies,), "")
    assert asked(Operation.READ, replace(READS, host="::1/128"), host="::1").verdict is AclVerdict.ALLOWED


def test_a_range_of_hosts_is_nothing_to_older_brokers() -> None:
    question, acls = (
        AclQuestion("User:app", Operation.READ, ORDERS, "10.1.2.3"),
        (READS, replace(DENIES, host="10.0.0.0/8")),
    )
    answers = [decide(question, Rules(acls, (), allow_everyone=False, ranges=known)) for known in (True, False)]
    assert [(one.verdict, one.unless, one.elsewhere) for one in answers] == [
        (AclVerdict.DENIED, "", ()),
        (AclVerdict.ALLOWED, "", ()),
    ]


def test_an_address_counts_as_java_spells_it_and_a_name_counts_for_nothing() -> None:
    assert asked(Operation.READ, replace(READS, host="0:0:0:0:0:0:0:1"), host="::1").verdict is AclVerdict.ALLOWED
    assert asked(Operation.READ, replace(READS, host="::1"), host="::1").verdict is AclVerdict.DENIED
    assert asked(Operation.READ, READS, host="localhost").verdict is AclVerdict.UNKNOWN


def test_a_question_that_no_request_can_pose_is_not_answered() -> None:
    without_type = asked(Operation.READ, READS, principal="app")
    assert (without_type.verdict, "User:app" in without_type.because) == (AclVerdict.UNKNOWN, True)
    elsewhere = AclQuestion("User:app", Operation.DESCRIBE, Resource(ResourceType.CLUSTER, "prod"))
    answer = decide(elsewhere, Rules((), (), allow_everyone=True))
    assert (answer.verdict, CLUSTER_NAME in answer.because) == (AclVerdict.UNKNOWN, True)


def test_the_right_to_create_on_the_cluster_creates_any_topic() -> None:
    creates = Acl(
        ResourceType.CLUSTER, CLUSTER_NAME, PatternType.LITERAL, "User:app", "*", Operation.CREATE, Permission.ALLOW
    )
    assert asked(Operation.CREATE, READS, creates).acl == creates
    assert asked(Operation.CREATE, replace(DENIES, operation=Operation.CREATE), creates).acl == creates


def test_an_operation_of_a_newer_kafka_leaves_the_answer_open() -> None:
    assert asked(Operation.WRITE, replace(READS, operation=Operation.UNKNOWN)).verdict is AclVerdict.UNKNOWN
    assert asked(Operation.READ, READS, replace(READS, operation=Operation.UNKNOWN)).verdict is AclVerdict.ALLOWED


def test_a_rule_reads_as_a_line() -> None:
    prefixed = replace(READS, name="ord", pattern=PatternType.PREFIXED, host="10.0.0.7")
    assert rule_text(prefixed) == "ALLOW User:app READ on TOPIC ord* from 10.0.0.7"


def test_the_matrix_tells_a_named_right_from_one_that_comes_from_something_wider() -> None:
    wide = replace(READS, principal="User:ops", name="*")
    rows = {row.principal: row for row in matrix(ORDERS, Rules((READS, wide, DENIES), ("User:root",), None))}
    rights = {(who, cell.operation): cell.right for who, row in rows.items() for cell in row.cells}
    assert rights["User:app", Operation.READ] is Right.DENIED
    assert rights["User:app", Operation.WRITE] is Right.NONE
    assert rights["User:ops", Operation.READ] is Right.INHERITED
    assert rights["User:root", Operation.ALTER] is Right.INHERITED
    only = matrix(ORDERS, Rules((READS,), (), allow_everyone=False))
    assert [cell.right for cell in only[0].cells if cell.operation is Operation.READ] == [Right.ALLOWED]
