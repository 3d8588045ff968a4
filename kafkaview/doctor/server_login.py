"""The connection to one server up to its first response, and the login. A second connection proves the cause of a
failure.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.tls.files import Material
from kafkaview.doctor.address import LIMIT_S, Address, ServerAddress, connect, resolve
from kafkaview.doctor.configuration import Setup
from kafkaview.doctor.conversation import Conversation, NotKafka
from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.doctor.fault import FailedStep
from kafkaview.doctor.login import Login, offered_mechanisms
from kafkaview.doctor.other_servers import recognize
from kafkaview.doctor.tls import Refused, TlsWire
from kafkaview.doctor.wire import Ended, PlainWire
from kafkaview.profiles.security import Protocol

_TLS_ALERT: Final = b"\x15\x03"
_NO_ALERT: Final = "the connection is closed without an alert"
_PROOF_S: Final = 1.5  # for a second connection that tries the other assumption
_TLS_RECORDS: Final = b"\x14\x15\x16\x17"


@dataclass(frozen=True, slots=True)
class ResolvedServer:
    """A server with its IP addresses: enough to connect to it again."""

    server: ServerAddress
    addresses: tuple[Address, ...]
    setup: Setup

    async def greet(self, connection: socket.socket) -> Conversation:
        """Opens TLS if the profile has it, then sends ApiVersions: only its response proves that both work. Closes the
        connection on failure.
        """
        plain = PlainWire(connection)
        try:
            if self.setup.material is None:
                return await self._greet_plainly(plain)
            return await self._greet_in_tls(plain, self.setup.material)
        except BaseException:
            plain.close()
            raise

    async def again(self) -> Conversation:
        """Returns one more connection with a response, without a login."""
        return await self.greet(await connect(self.server, self.addresses))

    async def log_in(self, conversation: Conversation) -> str:
        """Logs in if the profile has a login."""
        if self.setup.sasl is None:
            return ""
        return await Login(self.setup, self.setup.sasl, conversation, self.server.host).log_in()

    async def mechanisms(self) -> tuple[str, ...] | None:
        """Returns the SASL mechanisms that this listener offers without a login; None if it has no SASL or does not
        answer.
        """
        try:
            conversation = await self.again()
        except FailedStep:
            return None
        try:
            return await offered_mechanisms(conversation)
        except (Ended, Refused, NotKafka, TimeoutError):
            return None
        finally:
            conversation.close()

    async def _greet_plainly(self, plain: PlainWire) -> Conversation:
        conversation = Conversation(plain)
        try:
            await conversation.hello()
        except TimeoutError:
            raise await self._speaks_tls() or self._report_silence(DiagnosisLayer.API, plain.count) from None
        except NotKafka as other:
            if other.data.startswith(_TLS_ALERT):
                raise await self._speaks_tls() or self._tls_needed("", None) from None
            raise self._not_kafka(DiagnosisLayer.API, other) from None
        except Ended:
            raise await self._speaks_tls() or await self._report_close_by(DiagnosisLayer.API, plain.count) from None
        return conversation

    async def _greet_in_tls(self, plain: PlainWire, material: Material) -> Conversation:
        wire = TlsWire(plain, self.server.host, material)
        try:
            async with asyncio.timeout(LIMIT_S):
                await wire.handshake()
        except TimeoutError:
            raise await self._speaks_plainly() or self._report_silence(DiagnosisLayer.TLS, plain.count) from None
        except Ended:
            if wire.asked_for_certificate:
                raise wire.explain_refusal(_NO_ALERT, str(self.server)) from None
            raise await self._speaks_plainly() or await self._report_close_by(DiagnosisLayer.TLS, plain.count) from None
        except Refused as refused:
            raise self._handshake_failed(wire, plain, refused) from None
        wire.verify(str(self.server))
        conversation = Conversation(wire)
        try:
            await conversation.hello()
        except TimeoutError:
            raise self._report_silence(DiagnosisLayer.API, 0) from None
        except NotKafka as other:
            raise self._not_kafka(DiagnosisLayer.API, other) from None
        except Ended:
            if wire.asked_for_certificate:
                raise wire.explain_refusal(_NO_ALERT, str(self.server)) from None
            raise self._report_close(DiagnosisLayer.API, 0) from None
        except Refused as refused:
            raise wire.explain_refusal(refused.words, str(self.server)) from None
        return conversation

    def _handshake_failed(self, wire: TlsWire, plain: PlainWire, refused: Refused) -> FailedStep:
        if plain.first[:1] not in _TLS_RECORDS:
            return self._not_kafka(DiagnosisLayer.TLS, NotKafka(plain.first))
        if wire.complaints:
            try:
                wire.verify(str(self.server))
            except FailedStep as fault:
                return fault
        return wire.explain_refusal(refused.words, str(self.server))

    async def _speaks_tls(self) -> FailedStep | None:
        """Returns the failure if the server speaks TLS. The test accepts any certificate and sends only ApiVersions."""
        material = Material(trust=(), identity=None, verify_hostname=False)
        try:
            plain = PlainWire(await connect(self.server, self.addresses))
        except FailedStep:
            return None
        try:
            wire = TlsWire(plain, self.server.host, material)
            async with asyncio.timeout(_PROOF_S):
                await wire.handshake()
        except (TimeoutError, Ended, Refused):
            plain.close()
            return None
        offered = None
        try:
            conversation = Conversation(wire, _PROOF_S)
            await conversation.hello()
            offered = await offered_mechanisms(conversation)
        except NotKafka as other:
            return self._not_kafka(DiagnosisLayer.API, other)
        except (TimeoutError, Ended, Refused):
            pass  # it wants a client certificate, say: there is TLS all the same
        finally:
            plain.close()
        return self._tls_needed(f" ({wire.describe()})", offered)

    async def _speaks_plainly(self) -> FailedStep | None:
        """Returns the failure if the server answers plain text."""
        try:
            plain = PlainWire(await connect(self.server, self.addresses))
        except FailedStep:
            return None
        try:
            await Conversation(plain, _PROOF_S).hello()
        except NotKafka as other:
            return self._not_kafka(DiagnosisLayer.TLS, other)
        except (Ended, TimeoutError):
            return None
        finally:
            plain.close()
        words = f"{self.server} closes the connection at a TLS greeting, and answers a Kafka request in plain text."
        protocol = Protocol.PLAINTEXT if self.setup.sasl is None else Protocol.SASL_PLAINTEXT
        return FailedStep(DiagnosisLayer.TLS, Cause.TLS_NOT_SPOKEN, words, f"Set the security protocol to {protocol}.")

    def _tls_needed(self, seen: str, offered: tuple[str, ...] | None) -> FailedStep:
        words = f"{self.server} speaks TLS{seen}, and the profile plain text."
        protocol = Protocol.SSL if self.setup.sasl is None and offered is None else Protocol.SASL_SSL
        return FailedStep(DiagnosisLayer.TLS, Cause.TLS_NEEDED, words, f"Set the security protocol to {protocol}.")

    def _report_silence(self, step: DiagnosisLayer, count: int) -> FailedStep:
        silence = f"then sends {count:,} bytes and no whole answer" if count else "then says nothing"
        return FailedStep(step, Cause.SILENT, f"{self.server} accepts the connection, {silence} for {LIMIT_S:g} s.")

    def _report_close(self, step: DiagnosisLayer, count: int) -> FailedStep:
        after = f"after {count:,} bytes" if count else "without a byte"
        words = f"{self.server} accepts the connection and closes it {after}."
        return FailedStep(step, Cause.CLOSED_AT_ONCE, words)

    async def _report_close_by(self, step: DiagnosisLayer, count: int) -> FailedStep:
        """Returns the failure for a closed connection, and names another kind of server that listens there."""

        async def connect_again() -> PlainWire:
            return PlainWire(await connect(self.server, self.addresses))

        other = None if count else await recognize(connect_again)
        if other is None:
            return self._report_close(step, count)
        return FailedStep(step, Cause.NOT_KAFKA, f"{self.server} is {other.name}, not a broker.", other.hint)

    def _not_kafka(self, step: DiagnosisLayer, other: NotKafka) -> FailedStep:
        return FailedStep(step, Cause.NOT_KAFKA, f"{self.server} does not speak Kafka; it says '{other.first_line}'.")


async def enter(server: ServerAddress, setup: Setup) -> Conversation:
    """Connects to one server and logs in. Raises FailedStep of the layer that fails."""
    target = ResolvedServer(server, await resolve(server), setup)
    conversation = await target.again()
    try:
        await target.log_in(conversation)
    except BaseException:
        conversation.close()
        raise
    return conversation
