"""SCRAM against the example of RFC 7677."""

from __future__ import annotations

import pytest

from kafkaview.profiles.mechanisms.scram_proof import NotProven, Scram

NONCE = "rOprNGfwEbeRWgbNEkqO"
CHALLENGE = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
PROOF = b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="


def login(password: str = "pencil") -> Scram:  # noqa: S107 - the RFC's
    return Scram("sha256", "user", password, NONCE)


def test_the_messages_are_those_of_the_rfc() -> None:
    scram = login()
    assert scram.first() == b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    assert scram.final(CHALLENGE) == PROOF
    scram.check(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")


def test_a_server_that_does_not_know_the_password_is_found_out() -> None:
    scram = login()
    scram.final(CHALLENGE)
    for answer in (b"v=AAAA", b"e=other-error", b""):
        with pytest.raises(NotProven):
            scram.check(answer)


def test_a_challenge_that_is_not_for_us_is_refused() -> None:
    with pytest.raises(NotProven):
        login().final(CHALLENGE.replace(b"r=rOpr", b"r=XXXX"))


def test_the_signs_that_divide_a_message_are_written_otherwise_in_a_name() -> None:
    assert Scram("sha512", "a=b,c", "p", "n").first() == b"n,,n=a=3Db=2Cc,r=n"


def test_the_password_is_in_no_message_and_no_repr() -> None:
    scram = login("a-long-password")
    said = scram.first() + scram.final(CHALLENGE) + repr(scram).encode()
    assert b"a-long-password" not in said
