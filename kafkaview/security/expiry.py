"""How long a certificate or a token still lasts."""

from __future__ import annotations

from typing import Final

from kafkaview.cluster.ports.security import ListenerCertificate
from kafkaview.words import plural

_DAY_MS: Final = 86_400_000


def days_left(until_ms: int | None, now_ms: int) -> int | None:
    """Returns whole days until a time, negative after it; None if the end is unknown."""
    return None if until_ms is None else (until_ms - now_ms) // _DAY_MS


def certificate_state(certificate: ListenerCertificate, now_ms: int) -> str:
    """Returns in words how long a listener's certificate lasts, or why there is none."""
    left = days_left(certificate.not_after_ms, now_ms)
    if left is None:
        return "plain text: it has no TLS" if certificate.plain else certificate.error or "it showed no certificate"
    return f"ended {plural(-left, 'day')} ago" if left < 0 else f"{plural(left, 'day')} left"
