"""A plan as the command line that makes it again, and as a JSON document."""

from __future__ import annotations

import base64
from typing import Any

from kafkaview.command_words import command_words, option_words, printed_line
from kafkaview.fields import row_documents
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.terms import Header
from kafkaview.triage.reroute.dialects import Dialect
from kafkaview.triage.reroute.outcome import RerouteOutcome
from kafkaview.triage.reroute.plan import GROUP_PLAN_FIELDS, CopyPlan, ReroutePlan


def command_line(profile: ConnectionProfile, plan: ReroutePlan) -> str:
    """Returns the `kafkaview reroute ...` line that makes this plan again. It holds no secret: `--config` has those."""
    records = [str(copy.record.id) for copy in plan.copies if not copy.good]
    options = [*option_words("--to", plan.dlq)]
    if plan.create_dlq:
        options.append("--create-dlq")
    for group in dict.fromkeys(move.group for move in plan.moves):
        options += option_words("--group", group)
    if not plan.moves:
        options.append("--no-skip")
    if plan.skip_between:
        options.append("--skip-between")
    if plan.moves:
        options.append("--evict" if plan.evict else "--no-evict")
    if plan.dialect != Dialect.KAFKA:
        options += ["--dialect", plan.dialect]
    return printed_line(*profile.options, *command_words(["reroute"], records, options))


def plan_document(plan: ReroutePlan) -> dict[str, Any]:
    """Returns the plan as JSON, with the headers to be added. The payloads are in the journal only."""
    return {
        "title": plan.title,
        "to": plan.dlq,
        "create_dlq": plan.create_dlq,
        "dlq_partitions": plan.dlq_partitions,
        "dlq_replication_factor": plan.dlq_replication_factor,
        "dlq_settings": dict(plan.dlq_settings),
        "records": [_copy_document(copy) for copy in plan.copies],
        "groups": row_documents(GROUP_PLAN_FIELDS, (*plan.moves, *plan.left_alone)),
        "unseen": [one.document() for one in plan.unseen],
        "evict": plan.evict,
        "skip_between": plan.skip_between,
        "dialect": plan.dialect,
        "cautions": [f"{one.consequence} {one.why}" for one in plan.cautions],
        "problems": [problem.message for problem in plan.problems],
        "hints": [problem.hint for problem in plan.problems],
    }


def outcome_document(outcome: RerouteOutcome) -> dict[str, Any]:
    """Returns the outcome as the JSON of the command line's contract."""
    return {
        "done": [
            {"source": str(done.source), "target": str(done.target), "journal_id": done.journal_id}
            for done in outcome.done
        ],
        "transaction": outcome.transaction.value,
        "groups": [group.document() for group in outcome.groups],
        "journal_id": outcome.journal_id,
        "message": outcome.message,
        "empty_queue": outcome.empty_queue,
    }


def _copy_document(copy: CopyPlan) -> dict[str, Any]:
    record = copy.record
    return {
        "source": str(record.id),
        "good": copy.good,
        "already": str(copy.already) if copy.already else None,
        "timestamp_ms": record.timestamp_ms,
        "key_size": _size(record.key),
        "value_size": _size(record.value),
        "headers": None if record.headers is None else len(record.headers),
        "added_headers": [_header_document(header) for header in copy.added_headers],
    }


def _size(data: bytes | None) -> int | None:
    return None if data is None else len(data)


def _header_document(header: Header) -> dict[str, Any]:
    value = header.value or b""
    return {
        "key": header.key,
        "value": value.decode("utf-8", "replace"),
        "value_b64": base64.b64encode(value).decode(),
    }
