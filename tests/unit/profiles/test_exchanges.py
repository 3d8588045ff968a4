"""The messages of each mechanism's login, as the doctor carries them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kafkaview.profiles.mechanisms.registry import MECHANISMS
from kafkaview.profiles.mechanisms.sasl_exchange import LoginAnswer, LoginMaterial, LoginRefused, Tickets
from kafkaview.profiles.security import Kerberos, OAuth, Sasl

TOKEN = "e30.eyJpc3MiOiAiaWRwIn0.x"  # noqa: S105 - {"iss": "idp"}
ACCEPTED = LoginAnswer(b"")
REFUSED = LoginAnswer(b"", "The broker says: no.")


class TwoTickets:
    """A Kerberos library with two messages."""

    def __init__(self, service: str) -> None:
        self._messages = [service.encode(), b"second"]
        self.received: list[bytes] = []

    def auth_bytes(self) -> bytes:
        return self._messages.pop(0)

    def is_done(self) -> bool:
        return not self._messages

    def receive(self, data: bytes) -> None:
        self.received.append(data)


def no_library(_service: str) -> Tickets:
    raise OSError("no credentials")


def said(sasl: Sasl, answers: Sequence[LoginAnswer], tickets: type[TwoTickets] = TwoTickets) -> list[bytes]:
    """The messages that were sent for these answers."""
    messages = MECHANISMS[sasl.mechanism].exchange(sasl, LoginMaterial("pw", TOKEN, tickets))
    found = [next(messages)]
    for answer in answers:
        try:
            found.append(messages.send(answer))
        except StopIteration:
            break
    return found


def refusal(sasl: Sasl, *answers: LoginAnswer) -> LoginRefused:
    with pytest.raises(LoginRefused) as refused:
        said(sasl, answers)
    return refused.value


def test_plain_sends_user_and_password_and_a_refusal_tells_them_not_apart() -> None:
    assert said(Sasl("PLAIN", "alice"), [ACCEPTED]) == [b"\0alice\0pw"]
    refused = refusal(Sasl("PLAIN", "alice"), REFUSED)
    assert (refused.cause, refused.message) == ("bad_credentials", "The broker says: no.")


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_the_round_of_scram_that_fails_tells_user_from_password(mechanism: str) -> None:
    sasl = Sasl(mechanism, "alice")
    assert refusal(sasl, REFUSED).cause == "unknown_user"
    first = MECHANISMS[mechanism].exchange(sasl, LoginMaterial("pw", "", TwoTickets))
    nonce = next(first).partition(b"r=")[2]
    challenge = LoginAnswer(b"r=%sxyz,s=QSXCR+Q6sek8bf92,i=4096" % nonce)
    assert b",p=" in first.send(challenge)
    with pytest.raises(LoginRefused) as refused:
        first.send(REFUSED)
    assert refused.value.cause == "wrong_password"


@pytest.mark.parametrize("challenge", [b"", b"\xff", b"r=other,s=QQ==,i=1", b"r=,s=,i="])
def test_a_broker_that_does_not_prove_itself_is_refused(challenge: bytes) -> None:
    refused = refusal(Sasl("SCRAM-SHA-256", "alice"), LoginAnswer(challenge))
    assert refused.cause == "login_refused"
    assert refused.message.startswith("The broker does not prove that it knows the password (")


def test_a_refused_token_is_answered_and_its_claims_are_said() -> None:
    sasl = Sasl("OAUTHBEARER", oauth=OAuth("https://idp", "c", None, {"pool": "7"}))
    whole = b"n,,\x01auth=Bearer %s\x01pool=7\x01\x01" % TOKEN.encode()
    assert said(sasl, [ACCEPTED]) == [whole]
    assert said(sasl, [LoginAnswer(b'{"status":"invalid"}')]) == [whole, b"\x01"]
    refused = refusal(sasl, LoginAnswer(b'{"status":"invalid"}'), ACCEPTED)
    assert 'says {"status":"invalid"}. The token says iss idp, aud nothing' in refused.message


def test_kerberos_messages_are_those_of_the_platforms_library() -> None:
    sasl = Sasl("GSSAPI", kerberos=Kerberos("kafka"))
    assert said(sasl, [LoginAnswer(b"challenge"), ACCEPTED]) == [b"kafka", b"second"]
    assert refusal(sasl, REFUSED).cause == "login_refused"
    with pytest.raises(LoginRefused, match="Kerberos gives no ticket: no credentials"):
        next(MECHANISMS["GSSAPI"].exchange(sasl, LoginMaterial("", "", no_library)))


def test_the_material_of_a_login_shows_no_secret() -> None:
    shown = repr(LoginMaterial("pw", TOKEN, no_library))
    assert "pw" not in shown
    assert TOKEN not in shown
