"""The Schema Registry: whether it answers, and to us."""

from __future__ import annotations

import httpx

from kafkaview.cluster.tls.contexts import web_context
from kafkaview.doctor.address import LIMIT_S
from kafkaview.doctor.blocking_call import run_blocking
from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.doctor.fault import FailedStep
from kafkaview.profiles.profile import SchemaRegistry
from kafkaview.profiles.security import SecretField, Secrets, Security

_QUOTED = 80


async def ask_registry(registry: SchemaRegistry, security: Security, secrets: Secrets) -> str:
    """What was seen. Raises FailedStep where it is not there, refuses, or is no registry."""
    try:
        status, subjects, reason = await run_blocking(lambda: _subjects(registry, security, secrets), LIMIT_S)
    except (TimeoutError, httpx.TimeoutException):
        words = f"{registry.url} gives no answer within {LIMIT_S:g} s."
        raise _fault(Cause.REGISTRY_UNREACHABLE, words) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as failure:
        raise _fault(Cause.REGISTRY_UNREACHABLE, f"{registry.url} cannot be reached: {failure}.") from None
    if status in (401, 403):
        who = f"the user {registry.user}" if registry.user else "us without a login"
        raise _fault(Cause.REGISTRY_REFUSED, f"{registry.url} refuses {who}: {status} {reason}.")
    if status >= 500:
        raise _fault(Cause.REGISTRY_UNREACHABLE, f"{registry.url} answers with an error of its own: {status} {reason}.")
    if subjects is None:
        raise _fault(
            Cause.NOT_A_REGISTRY, f"{registry.url}/subjects answers {status} and no list of subjects: {reason}."
        )
    return f"{subjects} {'subject' if subjects == 1 else 'subjects'}."


def _subjects(registry: SchemaRegistry, security: Security, secrets: Secrets) -> tuple[int, int | None, str]:
    """Status, how many subjects (None: no list of them), and the first words of the answer."""
    password = secrets.get(SecretField.REGISTRY_PASSWORD) or ""
    login = (registry.user, password) if registry.user else None
    with httpx.Client(verify=web_context(security, secrets), timeout=LIMIT_S, auth=login) as client:
        answer = client.get(f"{registry.url.rstrip('/')}/subjects")
    words = " ".join(answer.text[:_QUOTED].split()) or answer.reason_phrase
    try:
        listed = answer.json() if answer.is_success else None
    except (ValueError, RecursionError):
        listed = None
    return answer.status_code, len(listed) if isinstance(listed, list) else None, words


def _fault(cause: Cause, detail: str) -> FailedStep:
    return FailedStep(DiagnosisLayer.REGISTRY, cause, detail)
