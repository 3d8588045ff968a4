"""`kafkaview topics rules`: the rules that are kept for a topic, tried before they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kafkaview.cli.execution import BadUsage, Json, Timeout, run
from kafkaview.cli.output import Output
from kafkaview.triage.scan.findings_file import finding_document

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.triage.scan.kept_rules import TopicRules
    from kafkaview.triage.scan.trial import RuleTrial


def topic_rules_verb(
    context: typer.Context,
    topic: Annotated[str, typer.Argument(help="the topic")],
    *,
    rule: Annotated[
        list[str] | None, typer.Option("--rule", metavar="RULE", help="keep this rule for values; may be repeated")
    ] = None,
    key_rule: Annotated[
        list[str] | None, typer.Option("--key-rule", metavar="RULE", help="keep this rule for keys; may be repeated")
    ] = None,
    newest: Annotated[
        int, typer.Option("--newest", metavar="N", min=1, help="try the rules on so many records of each partition")
    ] = 1_000,
    only_try: Annotated[bool, typer.Option("--try", help="only try the rules; keep what is kept")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="keep no rules for the topic")] = False,
    json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Show the rules that are kept for a topic, or keep others, which are tried on its newest records first."""
    from kafkaview.triage.scan.kept_rules import TopicRules

    rules = TopicRules(tuple(dict.fromkeys(rule or ())), tuple(dict.fromkeys(key_rule or ())))
    if forget and (rules or only_try):
        raise typer.BadParameter("--forget takes no rules")
    if only_try and not rules:
        raise typer.BadParameter("--try needs a rule: --rule RULE or --key-rule RULE")

    async def work(session: Session, output: Output) -> None:
        await _rules(session, output, topic, rules, newest, keeps=forget or bool(rules and not only_try))

    run(context, work, json=json, timeout=timeout)


async def _rules(session: Session, output: Output, topic: str, rules: TopicRules, newest: int, *, keeps: bool) -> None:
    from kafkaview.triage.scan.trial import keep_rules, kept_rules, try_rules

    trial = None
    if rules:
        try:
            trial = await try_rules(session, topic, rules, newest)
        except ValueError as error:
            raise BadUsage(str(error)) from error
    if keeps:
        await keep_rules(session, topic, rules)
    kept = await kept_rules(session, topic)
    if output.json:
        output.document(_document(topic, kept, trial, kept_now=keeps))
        return
    if trial is not None:
        output.say(trial.sentence, "bold")
        for finding in trial.first:
            output.say(f"  {finding.record}  {finding.field}  {finding.reason}")
    for rule in kept.values:
        output.say(rule)
    for rule in kept.keys:
        output.say(f"keys: {rule}")
    if not kept:
        output.say("No rules are kept: the format of its own records counts")


def _document(topic: str, kept: TopicRules, trial: RuleTrial | None, *, kept_now: bool) -> dict[str, Any]:
    tried = None
    if trial is not None:
        first = [finding_document(finding) for finding in trial.first]
        tried = {"records": trial.records, "failed": trial.failed, "complete": trial.complete, "first": first}
    return {"topic": topic, "rules": list(kept.values), "key_rules": list(kept.keys), "tried": tried, "kept": kept_now}
