"""After a day's worth of use no secret is anywhere but in the keyring: not in a file, a process, a word or a log."""

from __future__ import annotations

import base64
import contextlib
import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import psutil
import pytest

from kafkaview.cluster.errors import ClusterError
from kafkaview.demo.guarded_processes import Guarded
from kafkaview.session import open_session
from tests.broker.certificates import KEY_PASSPHRASE, KEYSTORE_PASSWORD, TRUSTSTORE_PASSWORD
from tests.broker.keyring_session import KeyringSession
from tests.broker.material import wait_until
from tests.broker.oidc import CLIENTS
from tests.broker.program import Program
from tests.broker.secure_kafka import PASSWORDS, SecureKafka
from tests.broker.terminal import typed_into
from tests.kit.leash import LEASH
from tests.kit.processes import below, command, environment

SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
ALICE = PASSWORDS["alice"]
WRONG, REGISTRY = "wrong-9Wsecret", "registry-3Zsecret"
SECRETS = (ALICE, WRONG, REGISTRY, KEY_PASSPHRASE, KEYSTORE_PASSWORD, TRUSTSTORE_PASSWORD, CLIENTS["alice"])
LOOKS_A_SECOND = 10  # of wait_until
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def found_in(data: bytes) -> set[str]:
    """The secrets that stand there, as they are or in base64 (wherever in a longer text it was made of)."""
    return {secret for secret in SECRETS if any(form in data for form in _forms(secret.encode()))}


def _forms(secret: bytes) -> Iterator[bytes]:
    yield secret
    for before, cut in ((0, 0), (1, 2), (2, 3)):
        coded = base64.b64encode(b"\0" * before + secret).rstrip(b"=")
        yield coded[cut:-2]
        yield coded[cut:-2].replace(b"+", b"-").replace(b"/", b"_")


class Watching(threading.Thread):
    """Looks at command line and environment of every process of a session, again and again."""

    def __init__(self, mark: str) -> None:
        super().__init__()
        self._mark = mark
        self._ended = threading.Event()
        self.leaks: set[str] = set()
        self.seen: dict[int, str] = {}

    def run(self) -> None:
        while not self._ended.wait(0.05):
            for process in psutil.pids():
                variables = environment(process)
                if self._mark in variables:
                    self.seen[process] = command(process)
                    self.leaks |= found_in((variables + self.seen[process]).encode())

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def __enter__(self) -> Self:
        self.start()
        return self


def test_the_search_finds_a_secret_in_every_form() -> None:
    for before in (b"", b"x", b"xy", b"xyz"):
        for coded in (before + ALICE.encode(), base64.b64encode(before + ALICE.encode() + b" tail")):
            assert found_in(b"a" + coded + b"b") == {ALICE}
    assert not found_in(b"wonderland")


@linux
@pytest.mark.timeout(600)  # some forty programs, one after the other
def test_after_a_days_use_no_secret_is_left_anywhere(
    keyring_session: KeyringSession, secure_kafka: SecureKafka, tmp_path: Path
) -> None:
    given, home = tmp_path / "given", tmp_path / "home"
    given.mkdir()
    home.mkdir()
    program = Program(keyring_session, home)
    with Watching(str(keyring_session.home)) as watching:
        _use(program, secure_kafka, given)
        _open_window(program, "scram", secure_kafka.ports["SASL_SSL"], until=_both_libraries_are_in)
        _open_window(program, "failing", secure_kafka.ports["SASL_SSL"], until=_refused_again_and_again)
        kept = keyring_session.users()
        for name in ("scram", "mtls", "oauth", "failing", "pasted", "typed"):
            assert program.ask("profiles", "remove", name)[0] == 0
    assert len(kept) == 8
    assert not keyring_session.users()
    assert len(watching.seen) > 15
    assert not watching.leaks
    assert not found_in("".join(program.said).encode())
    files = [path for folder in (home, keyring_session.home) for path in folder.rglob("*") if path.is_file()]
    assert any(path.name == "profiles.toml" for path in files)
    assert {path: found for path in files if (found := found_in(path.read_bytes()))} == {}


def _use(program: Program, kafka: SecureKafka, given: Path) -> None:
    """Add, import, connect, fail, look, export."""
    certificates = kafka.certificates
    trust = f"ssl.truststore.location={certificates.truststore_file}\nssl.truststore.password={TRUSTSTORE_PASSWORD}\n"
    ca = f"ssl.ca.location={certificates.ca_file}\n"
    login = f'sasl.jaas.config={SCRAM} required username="alice" password='
    scram = (
        f"bootstrap.servers={kafka.bootstrap('SASL_SSL')}\nsecurity.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-256\n"
    )
    mtls = f"bootstrap.servers={kafka.bootstrap('MTLS')}\nsecurity.protocol=SSL\n{ca}"
    files = {
        "scram": f'{scram}{trust}{login}"{ALICE}";\nschema.registry.url=http://reader:{REGISTRY}@127.0.0.1:1\n',
        "failing": f'{scram}{ca}{login}"{WRONG}";\n',
        "mtls": f"{mtls}ssl.keystore.location={certificates.client_keystore_file}\n"
        f"ssl.keystore.password={KEYSTORE_PASSWORD}\n",
        "pasted": f"{mtls}ssl.certificate.location={certificates.client_certificate_file}\n"
        f"ssl.key.location={certificates.client_encrypted_key_file}\nssl.key.password={KEY_PASSPHRASE}\n",
        "oauth": f"bootstrap.servers={kafka.bootstrap('SASL_PLAINTEXT')}\nsecurity.protocol=SASL_PLAINTEXT\n"
        "sasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.client.id=alice\nsasl.oauthbearer.scope=kafka\n"
        f"sasl.oauthbearer.client.secret={CLIENTS['alice']}\n"
        f"sasl.oauthbearer.token.endpoint.url={kafka.oidc.token_endpoint}\n",
    }
    for name, text in files.items():
        file = given / f"{name}.properties"
        file.write_text(text)
        assert program.ask("profiles", "import", str(file), "--name", name)[0] == 0
        assert program.run("--profile", name, "topics")[0] == (3 if name == "failing" else 0)
        program.run("--profile", name, "doctor")
        program.run("profiles", "show", name)
        program.run("profiles", "export", name)
    where = ["--bootstrap", kafka.bootstrap("SASL_PLAINTEXT"), "-X", "security.protocol=SASL_PLAINTEXT"]
    options = ["-X", "sasl.mechanism=PLAIN", "-X", "sasl.username=alice"]
    add = [*where, *options, "profiles", "add", "--name", "typed"]
    code, screen = typed_into(add, [("Password of typed: ", f"{ALICE}\n")], program.environment)
    program.said.append(screen)
    assert code == program.run("--profile", "typed", "topics")[0] == 0
    program.ask("profiles", "list")
    program.run("--config", str(given / "failing.properties"), "groups")
    program.run("--config", str(given / "scram.properties"), "-X", f"sasl.password={'x' * 9}", "groups")
    assert program.run("profiles", "set-secret", "failing", "sasl_password", stdin=WRONG + "\n")[0] == 0
    (given / "broken.properties").write_text(f'bootstrap.servers=k:1\nsecurity.protocol=SASL_SSL\n{login}"{WRONG}\n')
    assert program.run("profiles", "import", str(given / "broken.properties"), "--name", "broken")[0] == 2


def _both_libraries_are_in(looks: list[frozenset[int]]) -> bool:
    """A broker closes what it refuses after 0.3 s: two connections that last a second are logged in."""
    return len(looks) > LOOKS_A_SECOND and len(looks[-1] & looks[-1 - LOOKS_A_SECOND]) >= 2


def _refused_again_and_again(looks: list[frozenset[int]]) -> bool:
    return len(frozenset().union(*looks)) >= 4


def _open_window(program: Program, name: str, port: int, until: Callable[[list[frozenset[int]]], bool]) -> None:
    """In use until its connections to a broker's port tell that it got as far as it gets."""
    with subprocess.Popen(
        [*LEASH, sys.executable, "-m", "kafkaview", "--profile", name],
        env={**program.environment, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as window:
        looks: list[frozenset[int]] = []

        def far_enough() -> bool:
            assert window.poll() is None, "the window has ended"
            looks.append(_connections(window.pid, port))
            return until(looks)

        try:
            wait_until(far_enough, 90)
            window.send_signal(signal.SIGTERM)
            program.said.append(window.communicate(timeout=30)[0])
        finally:
            window.kill()


def _connections(window: int, port: int) -> frozenset[int]:
    """The ports of a window's own and its engine's ends of their connections to a port of somebody's."""
    ends = set()
    for process in (window, *below(window)):
        with contextlib.suppress(psutil.NoSuchProcess):
            ends |= {
                one.laddr.port
                for one in psutil.Process(process).net_connections("tcp")
                if one.status == psutil.CONN_ESTABLISHED and one.raddr.port == port
            }
    return frozenset(ends)


@linux
def test_a_child_process_is_not_given_the_secrets_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PASSWORD", "SSL_KEY_PASSWORD", "REGISTRY_PASSWORD", "ZOOKEEPER_PASSWORD"):
        monkeypatch.setenv(f"KAFKAVIEW_{name}", ALICE)
    guarded = Guarded()
    try:
        child = guarded.start("child", ["sleep", "60"], guarded.folder / "log")
        for pid in (child, psutil.Process(child).ppid()):
            variables = environment(pid)
            assert "PATH=" in variables
            assert not found_in(variables.encode())
    finally:
        guarded.close()


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "OAUTHBEARER"])
@pytest.mark.parametrize("right", [True, False])
async def test_no_log_line_of_any_library_holds_a_secret(
    secure_kafka: SecureKafka,
    tmp_home: Path,  # noqa: ARG001
    caplog: pytest.LogCaptureFixture,
    mechanism: str,
    right: bool,  # noqa: FBT001
) -> None:
    caplog.set_level(logging.DEBUG)
    way = secure_kafka.way("SASL_PLAINTEXT", mechanism=mechanism, password=None if right else WRONG)
    said = ""
    async with open_session(*way) as session:
        for question in (session.cluster.topics, session.cluster.coordination, session.cluster.groups):
            try:
                await question()
            except ClusterError as error:
                said += f"{error!r} {error.message} {error.hint} {error.__cause__!r} {error.__context__!r}"
                assert not right
        said += repr(session)
    assert bool(said)
    assert caplog.records
    logged = {f"{one.name}: {one.getMessage()} {one.args!r} {one.exc_text}" for one in caplog.records}
    assert not [line for line in logged if found_in(line.encode())]
    assert not found_in(said.encode())
    assert not [line for line in logged if "eyJhbGci" in line], "a token is a secret as well"
