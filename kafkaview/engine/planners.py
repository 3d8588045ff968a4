"""Where the plans of `engine.port.WriteCalls` are made. A method there and its planner have the same name; the planner
takes the session, or its cluster, and then the arguments of the method. What else it takes has defaults.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.writes.plan import ChangePlan

OF_SESSION: Final = {
    "plan_create_acls": "security.plans",
    "plan_delete_acls": "security.plans",
    "plan_set_scram": "security.plans",
    "plan_delete_scram": "security.plans",
    "plan_set_quota": "security.plans",
    "plan_create_token": "security.token_plans",
    "plan_renew_token": "security.token_plans",
    "plan_expire_token": "security.token_plans",
    "plan_skip": "writes.offsets.skipping",
    "plan_delete_offsets": "writes.offsets.planner",
    "plan_delete_group": "writes.offsets.planner",
    "plan_create_topic": "writes.topics.creation",
    "plan_delete_topic": "writes.topics.deletion",
    "plan_add_partitions": "writes.topics.partitions",
    "plan_empty_topic": "writes.topics.emptying",
    "plan_set_settings": "writes.topics.settings",
    "plan_reset_settings": "writes.topics.settings",
    "plan_produce_record": "writes.records.production",
    "plan_import_records": "writes.records.import_plan",
    "plan_redrive": "triage.redrive.planner",
    "plan_bulk_reroute": "triage.reroute.bulk.planner",
}
OF_CLUSTER: Final = {
    "plan_add_voter": "coordination.voter_plans",
    "plan_remove_voter": "coordination.voter_plans",
    "plan_elections": "coordination.broker_plans",
    "plan_cancellations": "coordination.broker_plans",
    "plan_abort": "coordination.transaction_plans",
}


def find_planner(name: str) -> Callable[..., Awaitable[ChangePlan]]:
    """Returns the planner of this name; it is imported when it is called. Raises AttributeError if there is none."""
    module = OF_SESSION.get(name) or OF_CLUSTER.get(name)
    if module is None:
        raise AttributeError(name)

    def plan(session: Session, *arguments: Any) -> Awaitable[ChangePlan]:
        planner: Callable[..., Awaitable[ChangePlan]] = getattr(import_module(f"kafkaview.{module}"), name)
        return planner(session if name in OF_SESSION else session.cluster, *arguments)

    return plan
