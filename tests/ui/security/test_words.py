"""What the Security page says of certificates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kafkaview.cluster.ports.security import ListenerCertificate
from kafkaview.security.expiry import certificate_state
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.pages.security.column_looks import by_days
from kafkaview.ui.pages.security.words import certificate_mark

DAY_MS = 86_400_000
NOW_MS = 1_790_000_000_000
SHOWN = ListenerCertificate(1, "EXTERNAL", "broker-1", 9093, subject="CN=broker-1")


@pytest.mark.parametrize(
    ("days", "mark", "words"),
    [
        (30, Mark.OK, "30 days left"),
        (29, Mark.WARN, "29 days left"),
        (7, Mark.WARN, "7 days left"),
        (6, Mark.BAD, "6 days left"),
        (-1, Mark.BAD, "ended 1 day ago"),
    ],
)
def test_a_certificate_is_marked_by_its_days_left(days: int, mark: Mark, words: str) -> None:
    certificate = replace(SHOWN, not_after_ms=NOW_MS + days * DAY_MS)
    assert certificate_mark(certificate, NOW_MS) is mark
    assert certificate_state(certificate, NOW_MS) == words


def test_a_plain_listener_is_idle_and_a_silent_one_unknown() -> None:
    plain = replace(SHOWN, plain=True)
    silent = replace(SHOWN, error="nobody answers there")
    assert certificate_mark(plain, NOW_MS) is Mark.IDLE
    assert certificate_mark(silent, NOW_MS) is Mark.UNKNOWN
    assert certificate_state(silent, NOW_MS) == "nobody answers there"


def test_the_next_certificate_to_expire_comes_first_and_plain_listeners_last() -> None:
    late, ended = (replace(SHOWN, not_after_ms=NOW_MS + days * DAY_MS) for days in (200, -3))
    silent, plain = replace(SHOWN, error="silent"), replace(SHOWN, plain=True)
    assert by_days((plain, silent, late, ended), NOW_MS) == [ended, late, silent, plain]
