"""Plans that change the voters of the metadata quorum (KIP-853), with the check that a majority survives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds, RefusedHere
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.coordination import Quorum, QuorumReplica, ReplicaHealth
from kafkaview.cluster.ports.security import Operation
from kafkaview.cluster.ports.voters import VoterEndpoint
from kafkaview.writes.plan import Caution, ChangePlan, ChangeRow

_KRAFT_VERSION = "kraft.version"
_GOOD = (ReplicaHealth.LEADER, ReplicaHealth.HEALTHY)
_ELECTION = Caution("An election follows: for a moment no metadata can be written.", "It is the leader that goes.")
_GOES_ON = Caution(
    "The controller goes on as an observer, and one with controller.quorum.auto.join.enable votes again by itself.",
    "Only its vote is taken; stop its process.",
)


@dataclass(frozen=True, slots=True)
class _Change:
    """The voters before and after, and how many of the latter follow now."""

    before: tuple[QuorumReplica, ...]
    after: tuple[QuorumReplica, ...]

    @property
    def problems(self) -> tuple[ClusterError, ...]:
        good, needed = sum(one.health in _GOOD for one in self.after), _majority(self.after)
        if good >= needed:
            return ()
        return (
            RefusedHere(
                f"Of the {len(self.after)} voters after it {good} would follow, and {needed} are needed: "
                "the quorum would be lost.",
                "Bring the voters back that are down, first.",
            ),
        )

    @property
    def rows(self) -> tuple[ChangeRow, ...]:
        return (
            ChangeRow("Voters", _list_voters(self.before), _list_voters(self.after)),
            ChangeRow("Majority", _share(self.before), _share(self.after)),
        )

    @property
    def cautions(self) -> tuple[Caution, ...]:
        count = len(self.after)
        if count % 2:
            return ()
        why = f"A majority of {count} is {_majority(self.after)}; an even number of voters buys nothing."
        return (Caution(f"{count} voters bear no more failures than {count - 1}.", why),)


async def plan_add_voter(
    cluster: Cluster, voter: int, directory_id: str | None = None, endpoints: Sequence[VoterEndpoint] = ()
) -> ChangePlan:
    """Plans to make a controller a voter that follows as an observer and has caught up. If no endpoints are given, the
    voters are asked for them. Raises RefusedHere if that is not possible, NotAuthorized, Unreachable.
    """
    quorum = await _dynamic_quorum(cluster)
    observer = _observer(quorum, voter, directory_id)
    where = tuple(endpoints) or (await _endpoint(cluster, quorum, voter),)
    directory = _directory(observer)
    change = _Change(quorum.voters, (*quorum.voters, observer))

    async def write(cluster: Cluster) -> None:
        await cluster.voters.add_voter(voter, directory, where)

    async def check(cluster: Cluster) -> None:
        await _still_holds(cluster, change, lambda now: (*now.voters, _observer(now, voter, directory)))

    async def verify(cluster: Cluster) -> str:
        return "" if _votes(await _dynamic_quorum(cluster), voter, directory) else f"{voter} does not vote"

    options = [f"--endpoint={one}" for one in where]
    return ChangePlan(
        kind="voters.add",
        title=f"Let controller {voter} vote",
        deed="Add 1 voter",
        subject=str(voter),
        rows=(ChangeRow(f"Controller {voter}", "follows", "votes"), *change.rows),
        command=("coordination", "add-voter", str(voter), f"--directory-id={directory}", *options),
        document=_document(voter, directory, change) | {"endpoints": [str(one) for one in where]},
        write=write,
        check=check,
        verify=verify,
        cautions=change.cautions,
        problems=(*change.problems, *await cluster.security.missing_rights(Operation.ALTER)),
    )


async def plan_remove_voter(cluster: Cluster, voter: int, directory_id: str | None = None) -> ChangePlan:
    """Plans to make a voter an observer. Raises RefusedHere if that is not possible, NotAuthorized, Unreachable."""
    quorum = await _dynamic_quorum(cluster)
    goes = _voter(quorum, voter, directory_id)
    directory = _directory(goes)
    change = _Change(quorum.voters, _without(quorum, voter, directory))
    led = (_ELECTION,) if goes.health is ReplicaHealth.LEADER else ()

    async def write(cluster: Cluster) -> None:
        await cluster.voters.remove_voter(voter, directory)

    async def check(cluster: Cluster) -> None:
        await _still_holds(cluster, change, lambda now: _without(now, voter, directory))

    async def verify(cluster: Cluster) -> str:
        return f"{voter} still votes" if _votes(await _dynamic_quorum(cluster), voter, directory) else ""

    return ChangePlan(
        kind="voters.remove",
        title=f"Take the vote of controller {voter}",
        deed="Remove 1 voter",
        subject=str(voter),
        rows=(ChangeRow(f"Controller {voter}", "votes", None), *change.rows),
        command=("coordination", "remove-voter", str(voter), f"--directory-id={directory}"),
        document=_document(voter, directory, change),
        write=write,
        check=check,
        verify=verify,
        cautions=(*led, *change.cautions, _GOES_ON),
        problems=(*change.problems, *await cluster.security.missing_rights(Operation.ALTER)),
    )


async def _dynamic_quorum(cluster: Cluster) -> Quorum:
    """Returns the quorum, if it has a leader and keeps its voters itself."""
    coordination = await cluster.coordination()
    if coordination.refused is not None:
        raise coordination.refused
    if coordination.quorum is None:
        raise RefusedHere("This cluster has no metadata quorum that could be seen.", "Only KRaft has voters.")
    if coordination.quorum.leader_id is None:
        raise RefusedHere("The quorum has no leader now: nobody can change its voters.", "Bring a majority back first.")
    level = next((one.finalized for one in coordination.features if one.name == _KRAFT_VERSION), None)
    if not level:
        raise RefusedHere(
            "The voters of this quorum are static: every node has them in controller.quorum.voters.",
            "Change that setting on every node and restart them one by one; or make the quorum dynamic first: "
            "kafka-features upgrade --feature kraft.version=1 (Kafka 4.1 and later).",
        )
    return coordination.quorum


async def _endpoint(cluster: Cluster, quorum: Quorum, controller: int) -> VoterEndpoint:
    """Returns where a controller listens that is no voter: only controllers know it."""
    registered = await cluster.voters.controller_addresses(
        [address for voter in quorum.voters for address in voter.endpoints]
    )
    names = {one.listener for voter in quorum.voters for one in voter.listeners[:1]}
    if controller not in registered or not names:
        known = ", ".join(map(str, registered)) or "none, for none answers from here"
        raise RefusedHere(
            f"Where {controller} listens as a controller is not known; the controllers that are: {known}.",
            "One that has just started is known within seconds. Or say it: --endpoint CONTROLLER://HOST:PORT; "
            "a node that is only a broker cannot vote.",
        )
    host, _, port = registered[controller].rpartition(":")
    return VoterEndpoint(min(names), host.strip("[]"), int(port))


def _observer(quorum: Quorum, controller: int, directory_id: str | None) -> QuorumReplica:
    if any(one.id == controller for one in quorum.voters):
        raise RefusedHere(f"Controller {controller} votes already.")
    found = [one for one in quorum.observers if one.id == controller and directory_id in (None, one.directory_id)]
    if len(found) != 1:
        raise RefusedHere(
            f"{controller} does not follow the quorum as one observer." if found else f"{controller} does not follow.",
            "Start it with its data folder formatted by --no-initial-controllers, then look again.",
        )
    if found[0].health is not ReplicaHealth.HEALTHY:
        raise RefusedHere(f"Controller {controller} has not caught up.", "Wait until it follows, then look again.")
    return found[0]


def _voter(quorum: Quorum, voter: int, directory_id: str | None) -> QuorumReplica:
    found = [one for one in quorum.voters if one.id == voter and directory_id in (None, one.directory_id)]
    if not found:
        raise RefusedHere(f"Controller {voter} has no vote.", "Look at the voters again.")
    if len(found) > 1:
        raise RefusedHere(f"Controller {voter} votes from {len(found)} folders.", "Say which: --directory-id ID.")
    if len(quorum.voters) == 1:
        raise RefusedHere(f"Controller {voter} is the only voter: the quorum would be gone.", "Add another one first.")
    return found[0]


def _directory(one: QuorumReplica) -> str:
    if one.directory_id is None:
        raise RefusedHere(f"The directory id of {one.id} is unknown.", "Name it: --directory-id ID.")
    return one.directory_id


async def _still_holds(cluster: Cluster, change: _Change, after: Callable[[Quorum], tuple[QuorumReplica, ...]]) -> None:
    now = await _dynamic_quorum(cluster)
    if _who(now.voters) != _who(change.before):
        raise PlanNoLongerHolds("The voters have changed since; nothing was written.", "Look at the quorum again.")
    try:
        problems = _Change(now.voters, after(now)).problems
    except RefusedHere as refused:
        raise PlanNoLongerHolds(f"{refused.message} Nothing was written.", refused.hint) from refused
    if problems:
        raise PlanNoLongerHolds(f"{problems[0].message} Nothing was written.", problems[0].hint)


def _without(quorum: Quorum, voter: int, directory: str) -> tuple[QuorumReplica, ...]:
    return tuple(one for one in quorum.voters if (one.id, one.directory_id) != (voter, directory))


def _votes(quorum: Quorum, voter: int, directory: str) -> bool:
    return (voter, directory) in _who(quorum.voters)


def _who(voters: Sequence[QuorumReplica]) -> set[tuple[int, str | None]]:
    return {(one.id, one.directory_id) for one in voters}


def _list_voters(voters: Sequence[QuorumReplica]) -> str:
    return f"{len(voters)}: {', '.join(str(one.id) for one in sorted(voters, key=lambda one: one.id))}"


def _majority(voters: Sequence[QuorumReplica]) -> int:
    return len(voters) // 2 + 1


def _share(voters: Sequence[QuorumReplica]) -> str:
    return f"{_majority(voters)} of {len(voters)}"


def _document(voter: int, directory: str, change: _Change) -> dict[str, object]:
    return {
        "voter": voter,
        "directory_id": directory,
        "voters_before": sorted(one.id for one in change.before),
        "voters_after": sorted(one.id for one in change.after),
        "majority_before": _majority(change.before),
        "majority_after": _majority(change.after),
    }
