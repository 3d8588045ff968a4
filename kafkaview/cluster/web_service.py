"""One request to a web service beside the brokers: done within a time and a size, whatever the service sends."""

from __future__ import annotations

import asyncio
import queue
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.damage import DAMAGE

_QUOTED: Final = 200  # characters of an answer
_TO_END_S: Final = 0.2  # for the thread to say so itself


class NoWebAnswer(Exception):
    """There is no whole answer; the text says why, to stand behind the service's name."""


@dataclass(frozen=True, slots=True)
class WebRequest:
    """What is asked: GET, or POST where a form is given."""

    url: str
    login: tuple[str, str] | None = None
    form: Mapping[str, str] | None = None
    most_bytes: int = 1_000_000


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """An answer, its body whole."""

    status: int
    reason: str
    location: str | None
    body: bytes

    @property
    def words(self) -> str:
        """Returns the beginning of the answer in one line, or the meaning of its status."""
        if self.location is not None and 300 <= self.status < 400:
            return f"moved to {self.location[:_QUOTED]}"
        return " ".join(self.body[: 4 * _QUOTED].decode(errors="replace")[:_QUOTED].split()) or self.reason


def ask_web_service(request: WebRequest, context: ssl.SSLContext, seconds: float) -> WebAnswer:
    """Returns the answer of a service. Blocks for at most so many seconds; raises NoWebAnswer.

    The HTTP client's own limit is one of each read: a service that sends a byte a second would hold us for ever. So the
    request runs in an event loop, which can end it at any point, on a thread, for a name may be looked up for long.
    """
    import httpx  # heavy, and few profiles need it

    outcome: queue.SimpleQueue[WebAnswer | NoWebAnswer] = queue.SimpleQueue()

    def ask() -> None:
        try:
            outcome.put(asyncio.run(_ask(request, context, seconds)))
        except NoWebAnswer as reason:
            outcome.put(reason)
        except (TimeoutError, httpx.TimeoutException):
            outcome.put(_late(seconds))
        except (httpx.DecodingError, httpx.RemoteProtocolError) as failure:
            outcome.put(NoWebAnswer(f"sends an answer that cannot be read: {failure}"))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, *DAMAGE) as failure:
            outcome.put(NoWebAnswer(f"cannot be reached: {failure or type(failure).__name__}"))

    threading.Thread(target=ask, name="kafkaview-web", daemon=True).start()
    try:
        found = outcome.get(timeout=seconds + _TO_END_S)
    except queue.Empty:
        raise _late(seconds) from None
    if isinstance(found, NoWebAnswer):
        raise found
    return found


async def _ask(request: WebRequest, context: ssl.SSLContext, seconds: float) -> WebAnswer:
    import httpx

    method = "GET" if request.form is None else "POST"
    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(verify=context, timeout=seconds) as client,
        client.stream(method, request.url, data=request.form, auth=request.login) as answer,
    ):
        body = bytearray()
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > request.most_bytes:
                raise NoWebAnswer(f"sends more than {request.most_bytes:,} bytes")
        return WebAnswer(answer.status_code, answer.reason_phrase, answer.headers.get("location"), bytes(body))


def _late(seconds: float) -> NoWebAnswer:
    return NoWebAnswer(f"gives no whole answer within {seconds:.2g} s")
