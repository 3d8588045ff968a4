"""`python -m kafkaview.engine`: serves the window at the other end of standard input and output, and ends with it."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import signal
import sys
import threading
import time
from importlib import import_module
from typing import BinaryIO, Final

from kafkaview.engine.pipe import FilePipe
from kafkaview.engine.server import EngineServer
from kafkaview.log_files import keep_libraries_silent, log_stderr_of_libraries

_PR_SET_PDEATHSIG: Final = 1
_M_ARENA_MAX: Final = -8  # of mallopt(3)
_NICE: Final = 5  # the window draws first
_TRIM_EVERY_S: Final = 10.0
_END_S: Final = 1.7  # after this what still runs is given up: nothing outlives its window


async def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Serves one window until it ends."""
    from kafkaview.engine.connection_service import ConnectionService
    from kafkaview.engine.demo_service import DemoService
    from kafkaview.engine.incident_service import IncidentService
    from kafkaview.engine.journal_service import JournalService
    from kafkaview.engine.session_service import SessionService

    connections = ConnectionService()
    session = SessionService(connections)
    of_session = (IncidentService(session.incident_keeper), JournalService(session.require_session))
    services = (session, *of_session, connections, DemoService())
    server = EngineServer(FilePipe(incoming, outgoing), services)
    threading.Thread(target=_load_ahead, name="load-ahead", daemon=True).start()
    threading.Thread(target=_give_memory_back, name="memory", daemon=True).start()
    if sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.ended.set)
    await server.ended.wait()
    _give_up_later()
    await server.close()
    await session.close()
    connections.close()


def main() -> None:
    """Redirects standard output, so that no print reaches the pipe, and serves."""
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    keep_libraries_silent()
    log_stderr_of_libraries()
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the window's business
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        _share_memory_among_threads()
    if sys.platform != "win32":
        os.nice(_NICE)
    gc.freeze()
    asyncio.run(serve(incoming, outgoing))
    os._exit(0)  # a client library's thread that hangs holds nobody up


def _load_ahead() -> None:
    """Imports what opening a session needs, while the window is still loading."""
    for module in ("kafkaview.session", "kafkaview.triage.watch.watch", "kafkaview.coordination.watch"):
        import_module(module)


def _share_memory_among_threads() -> None:
    """Lets the C library have two arenas, not one for each thread of the client library with what it has freed."""
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc's
    if set_option is not None:
        set_option(_M_ARENA_MAX, 2)


def _give_memory_back() -> None:
    """Gives freed memory back to the system from time to time: the C library by itself gives back only what is free at
    the end of an arena.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None  # only glibc has it
    while trim is not None:
        time.sleep(_TRIM_EVERY_S)
        trim(0)


def _give_up_later() -> None:
    timer = threading.Timer(_END_S, os._exit, (1,))
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    main()
