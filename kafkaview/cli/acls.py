"""`kafkaview acls`: the ACLs, the rights that follow from them, and plans that change them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Annotated, TypeVar

import typer

from kafkaview.cli.execution import BadUsage, Json, Timeout, run
from kafkaview.cli.output import Output
from kafkaview.cli.writes import Write, write_verb
from kafkaview.cluster.ports.security import ANY_HOST, Acl, Operation, PatternType, Permission, Resource, ResourceType
from kafkaview.security.decision import AclDecision, AclQuestion, decide, rule_text
from kafkaview.security.documents import acl_document, acl_of
from kafkaview.security.listed_columns import ACL_FIELDS
from kafkaview.security.plans import plan_create_acls, plan_delete_acls, rules_of
from kafkaview.security.presets import DEAD_LETTERS, GROUP, PRESETS, TOPIC, TRANSACTIONAL_ID, Preset
from kafkaview.session import Session
from kafkaview.writes.plan import ChangePlan

acls_app = typer.Typer(help="List, check, create and delete ACLs; undo a change.", add_completion=False)
E = TypeVar("E", bound=Enum)

Principal = Annotated[str | None, typer.Option("--principal", metavar="User:NAME", help="the principal")]
ResourceName = Annotated[
    str | None, typer.Option("--resource", metavar="TYPE:NAME", help="the resource: TOPIC:orders, GROUP:* ...")
]
Operations = Annotated[
    list[str] | None, typer.Option("--operation", help="an operation: READ, WRITE ...; may be repeated")
]
Pattern = Annotated[str, typer.Option("--pattern", help="how the resource's name matches: LITERAL or PREFIXED")]
Host = Annotated[str, typer.Option("--host", help="the client's host; * is any")]
Deny = Annotated[bool, typer.Option("--deny", help="deny instead of allow")]
Written = Annotated[
    list[str] | None, typer.Option("--acl", metavar="JSON", help="an ACL in the form of `acls --json`; may be repeated")
]
PresetName = Annotated[
    str | None, typer.Option("--preset", help=f"a set of ACLs: {', '.join(preset.name for preset in PRESETS)}")
]


@acls_app.callback(invoke_without_command=True)
def acls(
    context: typer.Context,
    *,
    principal: Principal = None,
    resource: ResourceName = None,
    json: Json = False,
    timeout: Timeout = None,
) -> None:
    """List the ACLs: all of them, or those of one principal or one resource."""
    if context.invoked_subcommand is not None:
        return

    async def work(session: Session, output: Output) -> None:
        wanted = None if resource is None else _resource(resource)
        found = [
            acl
            for acl in await session.cluster.security.acls()
            if principal in (None, acl.principal)
            and (wanted is None or (acl.resource_type, acl.name) == (wanted.type, wanted.name))
        ]
        output.listing("acls", ACL_FIELDS, found, ())

    run(context, work, json=json, timeout=timeout)


@acls_app.command("may")
def may(
    context: typer.Context,
    principal: Annotated[str, typer.Argument(help="the principal: User:alice")],
    operation: Annotated[str, typer.Argument(help="the operation: READ, WRITE ...")],
    resource_type: Annotated[str, typer.Argument(help="the kind of resource: TOPIC, GROUP, CLUSTER ...")],
    name: Annotated[str, typer.Argument(help="the resource's name; kafka-cluster for the cluster")],
    *,
    host: Annotated[
        str | None, typer.Option("--host", help="the client's host (default: one that no ACL names)")
    ] = None,
    json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Check whether a principal may do an operation on a resource, and name the ACL that decides."""

    async def work(session: Session, output: Output) -> None:
        about = Resource(_member_named(ResourceType, resource_type), name)
        question = AclQuestion(principal, _member_named(Operation, operation), about, host)
        _answer(output, decide(question, await rules_of(session.cluster)))

    run(context, work, json=json, timeout=timeout)


@acls_app.command("create")
@write_verb
def create(
    *,
    preset: PresetName = None,
    topic: Annotated[
        str | None,
        typer.Option("--topic", help="the preset's topic; orders* means every topic that begins with orders"),
    ] = None,
    group: Annotated[str | None, typer.Option("--group", help="the preset's consumer group")] = None,
    transactional_id: Annotated[
        str | None, typer.Option("--transactional-id", help="the preset's transactional id")
    ] = None,
    dead_letters: Annotated[
        str | None, typer.Option("--dead-letters", help="the preset's dead letter queues, separated by commas")
    ] = None,
    principal: Principal = None,
    resource: ResourceName = None,
    operation: Operations = None,
    pattern: Pattern = PatternType.LITERAL.name,
    host: Host = ANY_HOST,
    deny: Deny = False,
    acl: Written = None,
) -> Write:
    """Create ACLs: all those of a preset for a principal, or single ones."""
    names = {TOPIC: topic, GROUP: group, TRANSACTIONAL_ID: transactional_id, DEAD_LETTERS: dead_letters}

    async def make(session: Session) -> ChangePlan:
        preset_names = {key: name for key, name in names.items() if name is not None}
        if preset is None:
            _refuse_options("A single ACL", preset_names)
            return await plan_create_acls(
                session, _acls_of_options(principal, resource, operation, pattern, host, acl, deny=deny)
            )
        literal = pattern == PatternType.LITERAL.name
        single = {"resource": resource, "operation": operation, "acl": acl, "deny": deny, "pattern": not literal}
        _refuse_options(f"The preset {preset}", [option for option, value in single.items() if value])
        owner, made_of = _preset(preset, principal, preset_names)
        return await plan_create_acls(
            session, made_of.acls(owner, preset_names, host), made_of.options(owner, preset_names, host)
        )

    return Write(make)


@acls_app.command("delete")
@write_verb
def delete(
    *,
    principal: Principal = None,
    resource: ResourceName = None,
    operation: Operations = None,
    pattern: Pattern = PatternType.LITERAL.name,
    host: Host = ANY_HOST,
    deny: Deny = False,
    acl: Written = None,
) -> Write:
    """Delete ACLs. Only the ACLs that match exactly are deleted."""
    return Write(
        lambda session: plan_delete_acls(
            session, _acls_of_options(principal, resource, operation, pattern, host, acl, deny=deny)
        )
    )


@acls_app.command("undo")
@write_verb
def undo(
    entry: Annotated[int, typer.Argument(metavar="ID", help="the number of the journal entry")],
) -> Write:
    """Undo an entry: delete the ACLs that it has created, or create again those that it has deleted."""
    from kafkaview.security.undo import plan_undo_of_acls

    return Write(lambda session: plan_undo_of_acls(session, entry))


def _answer(output: Output, answer: AclDecision) -> None:
    if output.json:
        output.document(
            {
                "answer": answer.verdict.value,
                "rule": None if answer.acl is None else acl_document(answer.acl),
                "because": answer.because,
                "unless": answer.unless or None,
                "elsewhere": [acl_document(acl) for acl in answer.elsewhere],
            }
        )
        return
    output.say(answer.verdict.value, "bold")
    output.say(answer.because)
    if answer.acl is not None:
        output.say(rule_text(answer.acl))
    if answer.unless:
        output.say(f"Unless {answer.unless}.")
    for acl in answer.elsewhere:
        output.say(f"Otherwise from elsewhere: {rule_text(acl)}")


def _preset(name: str, principal: str | None, values: Mapping[str, str]) -> tuple[str, Preset]:
    """Returns the principal and the preset. Raises BadUsage if an option that the preset needs is missing."""
    preset = next((one for one in PRESETS if one.name == name), None)
    if preset is None:
        raise BadUsage(f"There is no preset '{name}': {', '.join(one.name for one in PRESETS)}")
    missing = [f"--{need}" for need in preset.needs if not values.get(need)]
    if principal is None or missing:
        raise BadUsage(f"{name} needs {' and '.join([*(['--principal'] if principal is None else []), *missing])}")
    _refuse_options(f"The preset {name}", [option for option in values if option not in preset.needs])
    return principal, preset


def _refuse_options(what: str, options: Iterable[str]) -> None:
    """Raises BadUsage if there are options that would have no effect."""
    useless = [f"--{option}" for option in options]
    if useless:
        raise BadUsage(f"{what} takes no {' and no '.join(useless)}")


def _acls_of_options(
    principal: str | None,
    resource: str | None,
    operations: Sequence[str] | None,
    pattern: str,
    host: str,
    written: Sequence[str] | None,
    *,
    deny: bool,
) -> tuple[Acl, ...]:
    if written:
        return tuple(map(_parse_acl, written))
    if principal is None or resource is None or not operations:
        raise BadUsage("Say --principal, --resource and --operation, or --acl JSON")
    about = _resource(resource)
    permission = Permission.DENY if deny else Permission.ALLOW
    kind = _member_named(PatternType, pattern)
    return tuple(
        Acl(about.type, about.name, kind, principal, host, _member_named(Operation, operation), permission)
        for operation in operations
    )


def _parse_acl(text: str) -> Acl:
    try:
        return acl_of(text)
    except ValueError as error:
        raise BadUsage(str(error)) from error


def _resource(text: str) -> Resource:
    kind, colon, name = text.partition(":")
    if not colon or not name:
        raise BadUsage(f"--resource takes TYPE:NAME, not '{text}'")
    return Resource(_member_named(ResourceType, kind), name)


def _member_named(kind: type[E], word: str) -> E:
    """Returns the enum member with Kafka's name, in any case and with `-` for `_`."""
    name = word.upper().replace("-", "_")
    known = [one.name for one in kind if one.name != "UNKNOWN"]
    if name not in known:
        raise BadUsage(f"'{word}' is none of {', '.join(known)}")
    return kind[name]
