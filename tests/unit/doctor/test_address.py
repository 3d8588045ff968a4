"""Servers and the addresses behind their names."""

from __future__ import annotations

import asyncio
import socket

import pytest

from kafkaview.doctor.address import Address, ServerAddress, connect, resolve, servers_in
from kafkaview.doctor.blocking_call import run_blocking
from kafkaview.doctor.diagnosis import Cause
from kafkaview.doctor.fault import FailedStep


def test_servers_are_read_with_their_spaces_and_brackets() -> None:
    assert servers_in(" a:1, [::1]:9092 ,") == (ServerAddress("a", 1), ServerAddress("::1", 9092))
    assert str(ServerAddress("::1", 9092)) == "[::1]:9092"


@pytest.mark.parametrize("text", ["", "kafka", "kafka:", ":9092", "kafka:0", "kafka:65536", "a:1,kafka:port"])
def test_a_malformed_server_is_a_bad_setting_of_its_field(text: str) -> None:
    with pytest.raises(FailedStep) as raised:
        servers_in(text, field="zookeeper")
    assert (raised.value.cause, raised.value.field) == (Cause.BAD_SETTING, "zookeeper")


async def test_the_first_address_that_answers_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        nobody = Address(socket.AF_INET, ("127.0.0.9", port))
        (there,) = await resolve(ServerAddress("127.0.0.1", port))
        with await connect(ServerAddress("two-faced", port), (nobody, there)) as connection:
            assert connection.getpeername() == ("127.0.0.1", port)


async def test_a_name_that_cannot_be_one_is_an_unknown_host() -> None:
    for name in ("a" * 64 + ".example", "no..dots.invalid"):
        with pytest.raises(FailedStep) as raised:
            await resolve(ServerAddress(name, 1))
        assert raised.value.cause is Cause.UNKNOWN_HOST


async def test_a_call_that_blocks_is_given_up_in_time() -> None:
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def block() -> None:
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result()

    with pytest.raises(TimeoutError):
        await run_blocking(block, 0.05)
    release.set()
    assert await run_blocking(lambda: 7, 1) == 7
    with pytest.raises(ZeroDivisionError):
        await run_blocking(lambda: 1 / 0, 1)
