"""A KRaft controller at a bootstrap server's address. This is a cause of its own; the controller names the brokers."""

from __future__ import annotations

from kafkaview.cluster.damage import DAMAGE
from kafkaview.cluster.kafka.controller_address import BrokersBehind, ask_for_brokers
from kafkaview.cluster.kafka.coordination_mode import is_controller
from kafkaview.doctor.conversation import Conversation, NotKafka
from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.doctor.fault import FailedStep
from kafkaview.doctor.server_login import ResolvedServer
from kafkaview.doctor.tls import Refused
from kafkaview.doctor.wire import Ended


async def refuse_controller(bootstrap: ResolvedServer, conversation: Conversation) -> None:
    """Raises FailedStep if a controller answers, and closes the conversation."""
    if not is_controller(conversation.versions):
        return
    try:
        await bootstrap.log_in(conversation)
        behind = await ask_for_brokers(conversation.send)
    except (FailedStep, Ended, Refused, NotKafka, TimeoutError, *DAMAGE):
        behind = BrokersBehind()
    finally:
        conversation.close()
    words = (
        f"{bootstrap.server} is the address of a KRaft controller, but clients must connect to a broker.{behind.detail}"
    )
    raise FailedStep(DiagnosisLayer.API, Cause.CONTROLLER_ADDRESS, words, behind.hint)
