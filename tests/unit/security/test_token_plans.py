"""Plans over delegation tokens: what they say, and where the HMAC is and is not."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from kafkaview.cluster.errors import PlanNoLongerHolds, RefusedByPolicy, RefusedHere
from kafkaview.cluster.ports.security import NewToken
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.security.lifetime import lifetime_ms, lifetime_text
from kafkaview.security.token_plans import plan_create_token, plan_expire_token, plan_renew_token
from kafkaview.session import Session
from kafkaview.writes.carrying_out import carry_out
from tests.kit.fake_cluster import FakeCluster
from tests.kit.fake_security import DAY_MS, HMAC, NOW_MS

WRITTEN = b64encode(HMAC).decode()


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    journal = Journal(tmp_path / "journal")
    yield Session(ConnectionProfile("p", "b:1"), FakeCluster(), TopicDecoders(), journal)
    await journal.close()


async def test_the_hmac_is_given_once_and_is_in_nothing_else(session: Session, tmp_path: Path) -> None:
    plan = await plan_create_token(session, NewToken("User:app", ("User:ops",), 7 * DAY_MS))
    assert plan.command == ("tokens", "create", "--owner", "User:app", "--renewer", "User:ops", "--max-life", "7d")
    assert plan.rows[0].after == "lasts at most 7d, renewed by its owner, User:ops"
    outcome = await carry_out(session, plan)
    assert outcome.doubt == ""
    said = repr((plan, plan.given, outcome, await session.journal.entries()))
    assert plan.given is not None
    secret = plan.given.take()
    assert secret is not None
    assert (secret.login, secret.value) == ("token-0", WRITTEN)
    assert plan.given.take() is None
    for shape in (WRITTEN, HMAC.hex(), repr(HMAC)):
        assert shape not in said + repr(secret)
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or (HMAC not in path.read_bytes() and WRITTEN.encode() not in path.read_bytes())


async def test_a_token_is_renewed_and_then_ended(session: Session) -> None:
    await carry_out(session, await plan_create_token(session, NewToken()))
    renewing = await plan_renew_token(session, "token-0", 2 * DAY_MS)
    assert renewing.rows[0].before == "expires 2027-01-16 08:00:00 UTC"
    assert renewing.rows[0].after == "expires 2d from then, 2027-01-22 08:00:00 UTC at the latest"
    ending = await plan_expire_token(session, "token-0")
    assert (await carry_out(session, renewing)).doubt == ""
    assert (await session.cluster.security.tokens())[0].expires_at_ms == NOW_MS + 2 * DAY_MS
    with pytest.raises(PlanNoLongerHolds):  # it was planned on another expiry
        await carry_out(session, ending)
    assert (await carry_out(session, await plan_expire_token(session, "token-0"))).doubt == ""
    assert await session.cluster.security.tokens() == ()
    with pytest.raises(RefusedHere, match="no delegation token token-0 that you may see"):
        await carry_out(session, await plan_renew_token(session, "token-0"))


async def test_where_tokens_may_not_be_asked_for_there_is_no_plan(session: Session) -> None:
    fake = session.cluster
    assert isinstance(fake, FakeCluster)
    fake.security.failures["tokens"] = RefusedByPolicy("not over PLAINTEXT")
    with pytest.raises(RefusedByPolicy):
        await plan_create_token(session, NewToken())
    assert fake.security.calls["create_token"] == 0


async def test_a_malformed_principal_is_a_problem_of_the_plan(session: Session) -> None:
    assert [p.message for p in (await plan_create_token(session, NewToken("app"))).problems] == [
        "'app' is no principal."
    ]
    assert (await plan_create_token(replace(session), NewToken("User:app", ("ops:",)))).problems


@pytest.mark.parametrize(("text", "ms"), [("7d", 7 * DAY_MS), ("36h", 129_600_000), ("90s", 90_000), ("1m", 60_000)])
def test_a_time_is_written_as_it_was_typed(text: str, ms: int) -> None:
    assert (lifetime_ms(text), lifetime_text(ms)) == (ms, text)
    for wrong in ("", "7", "d", "-1d", "0h", "7 days", "1.5h"):
        with pytest.raises(ValueError, match="no time such as"):
            lifetime_ms(wrong)
