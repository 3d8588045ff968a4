"""Plans over delegation tokens (KIP-48): create, renew, expire.

Each looks at the tokens first: over a connection that Kafka takes no such request from, or on a cluster without tokens,
that says so in words before there is a plan.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds, RefusedHere
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.names import name_problem
from kafkaview.cluster.ports.security import DelegationToken, NewToken
from kafkaview.command_words import command_words, option_words
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.security.cautions import own_principal
from kafkaview.security.lifetime import lifetime_text
from kafkaview.words import utc_words
from kafkaview.writes.one_time_secret import SecretHolder, ShownOnce
from kafkaview.writes.plan import Caution, ChangePlan, ChangeRow

if TYPE_CHECKING:
    from kafkaview.session import Session


async def plan_create_token(session: Session, new: NewToken) -> ChangePlan:
    """Plans to create a token. Its HMAC is in the plan's `given` after that, and nowhere else."""
    await session.cluster.security.tokens()
    owner = new.owner or own_principal(session.profile) or "this login"
    given, made = SecretHolder(), list[str]()

    async def write(cluster: Cluster) -> None:
        issued = await cluster.security.create_token(new)
        made.append(issued.token.token_id)
        given.put(_one_time_secret(issued.token, issued.hmac))

    async def check(cluster: Cluster) -> None:
        await cluster.security.tokens()

    async def verify(cluster: Cluster) -> str:
        return "" if await _token(cluster, made[0]) else f"The delegation token {made[0]} does not show."

    life = "brokers' maximum" if new.life_ms is None else lifetime_text(new.life_ms)
    renewed = f"renewed by its owner{''.join(f', {renewer}' for renewer in new.renewers)}"
    return ChangePlan(
        kind="tokens.create",
        title=f"Create a delegation token of {owner}",
        deed="Create the token",
        subject=owner.removeprefix("User:"),
        rows=(ChangeRow(f"Delegation token of {owner}", None, f"lasts at most {life}, {renewed}"),),
        command=("tokens", "create", *_options(new)),
        document={"owner": new.owner, "renewers": list(new.renewers), "max_life_ms": new.life_ms},
        write=write,
        check=check,
        verify=verify,
        cautions=tuple(_of_creating(session.profile, owner, new)),
        problems=tuple(_problems(new)),
        given=given,
    )


async def plan_renew_token(session: Session, token_id: str, period_ms: int | None = None) -> ChangePlan:
    """Plans to let a token last so long from now; None is as long as the brokers allow."""
    before = await _token(session.cluster, token_id)
    expiries: list[int] = []

    async def write(cluster: Cluster) -> None:
        expiries.append(await cluster.security.renew_token(token_id, period_ms))

    async def check(cluster: Cluster) -> None:
        await _stands(cluster, token_id, before)

    async def verify(cluster: Cluster) -> str:
        now = await _token(cluster, token_id)
        return (
            "" if now is not None and now.expires_at_ms == expiries[0] else f"{token_id} does not show its new expiry."
        )

    span = "the brokers' renewal time" if period_ms is None else lifetime_text(period_ms)
    last = "" if before is None else f", {utc_words(before.ends_at_ms)} at the latest"
    options = () if period_ms is None else ("--for", lifetime_text(period_ms))
    return ChangePlan(
        kind="tokens.renew",
        title=f"Renew the delegation token {token_id}",
        deed="Renew the token",
        subject=token_id,
        rows=(ChangeRow(_what(token_id, before), _expiry(before), f"expires {span} from then{last}"),),
        command=command_words(["tokens", "renew"], [token_id], options),
        document={"token_id": token_id, "period_ms": period_ms},
        write=write,
        check=check,
        verify=verify,
        problems=_missing_token(token_id, before),
    )


async def plan_expire_token(session: Session, token_id: str) -> ChangePlan:
    """Plans to expire a token at once, which deletes it."""
    before = await _token(session.cluster, token_id)

    async def write(cluster: Cluster) -> None:
        await cluster.security.expire_token(token_id)

    async def check(cluster: Cluster) -> None:
        await _stands(cluster, token_id, before)

    async def verify(cluster: Cluster) -> str:
        return f"The delegation token {token_id} still shows." if await _token(cluster, token_id) else ""

    why = "It cannot be brought back: they need another one. It counts from their next login."
    return ChangePlan(
        kind="tokens.expire",
        title=f"Expire the delegation token {token_id}",
        deed="Expire the token",
        subject=token_id,
        rows=(ChangeRow(_what(token_id, before), _expiry(before), None),),
        command=command_words(["tokens", "expire"], [token_id]),
        document={"token_id": token_id, "owner": before.owner if before else None},
        write=write,
        check=check,
        verify=verify,
        cautions=(Caution("Applications that log in by this token are refused.", why),),
        problems=_missing_token(token_id, before),
    )


async def _token(cluster: Cluster, token_id: str) -> DelegationToken | None:
    return next((one for one in await cluster.security.tokens() if one.token_id == token_id), None)


async def _stands(cluster: Cluster, token_id: str, before: DelegationToken | None) -> None:
    if await _token(cluster, token_id) != before:
        raise PlanNoLongerHolds(
            f"The delegation token {token_id} has changed since the plan was made.", "Plan it again."
        )


def _one_time_secret(token: DelegationToken, hmac: bytes) -> ShownOnce:
    """Returns the HMAC in base64, as Kafka's own tool prints it and a SCRAM login takes it as its password."""
    return ShownOnce(f"the delegation token {token.token_id}", token.token_id, "HMAC", b64encode(hmac).decode())


def _of_creating(profile: ConnectionProfile, owner: str, new: NewToken) -> Iterator[Caution]:
    yield Caution(
        f"Whoever has its HMAC may do what {owner} may.",
        "It is shown once. It logs in with SCRAM and tokenauth=true: the token's id and, as password, the HMAC.",
    )
    if new.renewers:
        why = "Brokers tell the HMAC to whoever may see the token: renewers, and principals with DESCRIBE on it."
        yield Caution(f"{', '.join(new.renewers)} may do so too.", why)
    if not profile.security.protocol.tls:
        yield Caution("Whoever listens on the network learns the HMAC.", "This connection is not encrypted.")


def _problems(new: NewToken) -> Iterator[ClusterError]:
    for principal in (*filter(None, (new.owner,)), *new.renewers):
        kind, _, name = principal.partition(":")
        if not kind or not name:
            yield RefusedHere(f"'{principal}' is no principal.", "A principal reads User:name.")
        problem = name_problem("The principal", principal)
        if problem is not None:
            yield problem
    if new.life_ms is not None and new.life_ms <= 0:
        yield RefusedHere("A token has to last for some time.")


def _missing_token(token_id: str, before: DelegationToken | None) -> tuple[ClusterError, ...]:
    if before is not None:
        return ()
    return (RefusedHere(f"There is no delegation token {token_id} that you may see.", "List them: kafkaview tokens."),)


def _options(new: NewToken) -> Sequence[str]:
    return (
        *(option_words("--owner", new.owner) if new.owner else ()),
        *(word for renewer in new.renewers for word in option_words("--renewer", renewer)),
        *(("--max-life", lifetime_text(new.life_ms)) if new.life_ms is not None else ()),
    )


def _what(token_id: str, token: DelegationToken | None) -> str:
    return f"Delegation token {token_id}{f' of {token.owner}' if token else ''}"


def _expiry(token: DelegationToken | None) -> str | None:
    return None if token is None else f"expires {utc_words(token.expires_at_ms)}"
