"""The check of the Schema Registry: whether it answers, and accepts our login."""

from __future__ import annotations

import json
from typing import Final

from kafkaview.cluster.damage import DAMAGE
from kafkaview.cluster.tls.contexts import web_context
from kafkaview.cluster.web_service import NoWebAnswer, WebAnswer, WebRequest, ask_web_service
from kafkaview.doctor.address import LIMIT_S
from kafkaview.doctor.blocking_call import run_blocking
from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.doctor.fault import FailedStep
from kafkaview.profiles.profile import SchemaRegistry
from kafkaview.profiles.security import SecretField, Secrets, Security

_MOST_BYTES: Final = 20_000_000  # the names of some hundred thousand subjects


async def ask_registry(registry: SchemaRegistry, security: Security, secrets: Secrets) -> str:
    """Returns what was seen. Raises FailedStep if it is unreachable, refuses, or is no registry."""
    try:
        answer = await run_blocking(lambda: _ask(registry, security, secrets), LIMIT_S)
    except TimeoutError:
        raise _fault(Cause.REGISTRY_UNREACHABLE, f"{registry.url} gives no answer within {LIMIT_S:g} s.") from None
    except NoWebAnswer as reason:
        raise _fault(Cause.REGISTRY_UNREACHABLE, f"{registry.url} {reason}.") from None
    status, words = answer.status, answer.words
    if status in (401, 403):
        who = f"the user {registry.user}" if registry.user else "us without a login"
        raise _fault(Cause.REGISTRY_REFUSED, f"{registry.url} refuses {who}: {status} {words}.")
    if status >= 500:
        raise _fault(Cause.REGISTRY_UNREACHABLE, f"{registry.url} answers with an error of its own: {status} {words}.")
    subjects = _subjects(answer)
    if subjects is None:
        raise _fault(
            Cause.NOT_A_REGISTRY, f"{registry.url}/subjects answers {status} and no list of subjects: {words}."
        )
    return f"{subjects} {'subject' if subjects == 1 else 'subjects'}."


def _ask(registry: SchemaRegistry, security: Security, secrets: Secrets) -> WebAnswer:
    password = secrets.get(SecretField.REGISTRY_PASSWORD) or ""
    login = (registry.user, password) if registry.user else None
    request = WebRequest(f"{registry.url.rstrip('/')}/subjects", login, most_bytes=_MOST_BYTES)
    return ask_web_service(request, web_context(security, secrets), LIMIT_S)


def _subjects(answer: WebAnswer) -> int | None:
    """Returns the number of listed subjects; None if the answer is no list of them."""
    try:
        listed = json.loads(answer.body) if 200 <= answer.status < 300 else None
    except DAMAGE:
        return None
    if not isinstance(listed, list) or not all(isinstance(subject, str) for subject in listed):
        return None
    return len(listed)


def _fault(cause: Cause, detail: str) -> FailedStep:
    return FailedStep(DiagnosisLayer.REGISTRY, cause, detail)
