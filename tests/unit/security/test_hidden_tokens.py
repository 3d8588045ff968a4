"""Delegation tokens that brokers leave out: said where there is an authorizer, or where nobody knows that."""

from __future__ import annotations

import pytest

from kafkaview.cluster.errors import ClusterError, NotAuthorized, RefusedByPolicy, Unreachable
from kafkaview.security.hidden_tokens import find_hidden_tokens
from tests.kit.fake_cluster import FakeCluster


@pytest.mark.parametrize("error", [None, NotAuthorized("reading the ACLs: CLUSTER_AUTHORIZATION_FAILED")])
async def test_with_an_authorizer_tokens_of_others_may_be_hidden(
    error: ClusterError | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (hidden,) = await find_hidden_tokens(cluster_that_answers(error, monkeypatch))
    assert hidden.document() == {
        "what": "tokens",
        "name": None,
        "broker": None,
        "reason": "Brokers leave out tokens of other owners that you may not describe, and do not say whether there "
        "are any. To be sure, ask for the right DESCRIBE on DelegationToken *",
        "kind": "right",
    }
    assert hidden.sentence.startswith("The tokens could not be seen in full: Brokers leave out tokens of other owners")


async def test_without_an_authorizer_everybody_sees_all(monkeypatch: pytest.MonkeyPatch) -> None:
    error = RefusedByPolicy("reading the ACLs: SECURITY_DISABLED")
    assert await find_hidden_tokens(cluster_that_answers(error, monkeypatch)) == ()


async def test_where_nobody_answers_it_is_unknown_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    (hidden,) = await find_hidden_tokens(cluster_that_answers(Unreachable("no broker answers"), monkeypatch))
    assert (hidden.document()["kind"], hidden.document()["reason"]) == ("silent", "no broker answers")


def cluster_that_answers(error: ClusterError | None, monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    """Whether it has ACLs decides."""
    cluster = FakeCluster()

    async def acls() -> tuple[()]:
        if error is not None:
            raise error
        return ()

    monkeypatch.setattr(cluster.security, "acls", acls)
    return cluster
