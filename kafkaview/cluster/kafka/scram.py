"""SCRAM user requests. A password is salted and hashed here (RFC 5802), as Kafka's own tool does; the broker never
receives it, and nothing here keeps it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from typing import Any, Final

from confluent_kafka import KafkaError
from kafka.protocol.admin import (  # type: ignore[import-untyped]
    AlterUserScramCredentialsRequest,
    DescribeUserScramCredentialsRequest,
)

from kafkaview.cluster.damage import listing, rows_of, text_of
from kafkaview.cluster.kafka.client_thread import ClientThread
from kafkaview.cluster.kafka.controller_requests import ask_controller
from kafkaview.cluster.kafka.refusals import ALTER, DESCRIBE, check, words_of
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.security import NewScramCredential, ScramCredential, ScramMechanism

_HASHES: Final = {ScramMechanism.SCRAM_SHA_256: "sha256", ScramMechanism.SCRAM_SHA_512: "sha512"}
_SALT_BYTES: Final = 32


async def list_credentials(wire: BrokerRequests) -> tuple[ScramCredential, ...]:
    """Returns every SCRAM credential, ordered by user."""
    doing = "reading the SCRAM users"
    # No user is all of them. So is null, but to a principal without the right a broker would never answer then
    # (DescribeUserScramCredentialsRequest.getErrorResponse of 4.4.0 goes through the users).
    answer = await wire.send_any(DescribeUserScramCredentialsRequest(users=[]), doing)
    check(answer.error_code, doing, DESCRIBE, answer.error_message)
    found = [credential for row in listing(answer.results, doing) for credential in _credentials_of(row)]
    return tuple(sorted(found, key=lambda one: (one.user, one.mechanism.code)))


def _credentials_of(row: Any) -> Iterator[ScramCredential]:
    user = text_of(row.user)
    if row.error_code:
        yield ScramCredential(user, ScramMechanism.UNKNOWN, None, words_of(row.error_code, row.error_message))
    for one in rows_of(row.credential_infos):
        yield ScramCredential(user, _mechanism_of(one.mechanism), one.iterations)


async def upsert(wire: BrokerRequests, credential: NewScramCredential) -> None:
    """Creates or replaces one credential."""
    salt = secrets.token_bytes(_SALT_BYTES)
    row = AlterUserScramCredentialsRequest.ScramCredentialUpsertion(
        name=credential.user,
        mechanism=credential.mechanism.code,
        iterations=credential.iterations,
        salt=salt,
        salted_password=await _salt(credential, salt),
    )
    await _alter(wire, [], [row], f"setting the password of {credential.user}")


async def delete(wire: BrokerRequests, user: str, mechanism: ScramMechanism) -> None:
    """Deletes one credential."""
    row = AlterUserScramCredentialsRequest.ScramCredentialDeletion(name=user, mechanism=mechanism.code)
    await _alter(wire, [row], [], f"deleting the {mechanism.word} password of {user}")


async def _salt(credential: NewScramCredential, salt: bytes) -> bytes:
    """Returns the salted password, Hi() of RFC 5802, computed on a thread because it is slow. The password is encoded
    as UTF-8, as in ScramFormatter.java.
    """
    thread = ClientThread("kafkaview-scram")
    try:
        return await thread.run(
            hashlib.pbkdf2_hmac,
            _HASHES[credential.mechanism],
            credential.password.encode(),
            salt,
            credential.iterations,
        )
    finally:
        await thread.close(lambda: None)


async def _alter(wire: BrokerRequests, deletions: list[Any], upsertions: list[Any], doing: str) -> None:
    request = AlterUserScramCredentialsRequest(deletions=deletions, upsertions=upsertions)
    answered = await ask_controller(wire, request, doing, lambda response: int(response.results[0].error_code))
    row = answered.answer.results[0]
    if answered.again and row.error_code == KafkaError.RESOURCE_NOT_FOUND:
        return  # only a deletion is answered so: the broker that fell silent had it done
    check(row.error_code, doing, ALTER, row.error_message)


def _mechanism_of(code: int) -> ScramMechanism:
    try:
        return ScramMechanism(code)
    except ValueError:
        return ScramMechanism.UNKNOWN
