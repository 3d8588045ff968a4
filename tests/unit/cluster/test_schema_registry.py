"""What a schema registry answers becomes a schema, or a reason why there is none, in time."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from kafkaview.cluster import schema_registry
from kafkaview.cluster.errors import SchemaUnavailable, SchemaUnknown
from kafkaview.cluster.ports.schemas import NamedSchema, RegisteredSchema, SchemaReference
from kafkaview.cluster.schema_registry import SchemaRegistryClient
from kafkaview.profiles.profile import SchemaRegistry
from kafkaview.profiles.security import SecretField, Secrets, Security
from tests.kit.damaged_answers import damage_bytes
from tests.kit.patience import patience
from tests.unit.doctor.test_damaged_web_answers import ANSWERS, Server, http

GUID = "00112233-4455-6677-8899-aabbccddeeff"
UNKNOWN = (404, {"error_code": 40403, "message": "Schema not found"})


class PathServer:
    """A registry of fixed answers by path, that counts what it is asked."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any]] = {}
        self.asked: list[str] = []
        self.logins: set[str | None] = set()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.asked.append(self.path)
                owner.logins.add(self.headers["Authorization"])
                status, answer = owner.answers.get(self.path, UNKNOWN)
                body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[PathServer]:
    with closing(PathServer()) as server:
        yield server


def client(url: str, user: str | None = None, seconds: float | None = None) -> SchemaRegistryClient:
    secrets = Secrets({SecretField.REGISTRY_PASSWORD: "p"})
    return SchemaRegistryClient(SchemaRegistry(f"{url}/", user), Security(), secrets, lambda: seconds)


def refer(name: str, subject: str) -> dict[str, object]:
    return {"name": name, "subject": subject, "version": 1}


def test_a_schema_comes_with_its_subjects_and_all_that_it_refers_to(server: PathServer) -> None:
    server.answers = {
        "/schemas/ids/7": (200, {"schema": "S", "schemaType": "JSON", "guid": GUID,
                                  "references": [refer("b", "b/c"), refer("a", "a")]}),
        "/schemas/ids/7/versions": (200, [{"subject": "t-value", "version": 3}]),
        "/subjects/b%2Fc/versions/1": (200, {"schema": "B", "references": [refer("a", "a")]}),
        "/subjects/a/versions/1": (200, {"schema": "A"}),
    }  # fmt: skip
    found = client(server.url, "u").schema(SchemaReference(7))
    assert found == RegisteredSchema(
        "JSON", "S", (NamedSchema("a", "A"), NamedSchema("b", "B")), (("t-value", 3),), GUID
    )
    assert server.asked.count("/subjects/a/versions/1") == 1
    assert server.logins == {"Basic dTpw"}


def test_a_schema_is_asked_for_by_its_guid(server: PathServer) -> None:
    server.answers = {f"/schemas/guids/{GUID}": (200, {"schema": "S"})}
    assert client(server.url).schema(SchemaReference(guid=GUID)) == RegisteredSchema("AVRO", "S")


def test_the_latest_version_of_a_subject_is_read(server: PathServer) -> None:
    server.answers = {"/subjects/t-value/versions/latest": (200, {"schema": "S", "version": 4})}
    assert client(server.url).schema(SchemaReference(subject="t-value")) == RegisteredSchema(
        "AVRO", "S", (), (("t-value", 4),)
    )


def test_schemas_that_refer_to_each_other_end(server: PathServer) -> None:
    server.answers = {
        "/schemas/ids/7": (200, {"schema": "S", "references": [refer("a", "a")]}),
        "/subjects/a/versions/1": (200, {"schema": "A", "references": [refer("b", "b")]}),
        "/subjects/b/versions/1": (200, {"schema": "B", "references": [refer("a", "a")]}),
    }
    assert {one.name for one in client(server.url).schema(SchemaReference(7)).references} == {"a", "b"}


def test_very_many_references_are_not_followed(server: PathServer) -> None:
    server.answers = {
        "/schemas/ids/7": (200, {"schema": "S", "references": [refer(f"r{n}", f"s{n}") for n in range(300)]})
    }
    server.answers |= {f"/subjects/s{number}/versions/1": (200, {"schema": "A"}) for number in range(300)}
    with pytest.raises(SchemaUnavailable, match="refers to more than 200 others"):
        client(server.url).schema(SchemaReference(7))


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (UNKNOWN, SchemaUnknown, "The registry has no schema id 7"),
        ((404, b"<html>"), SchemaUnavailable, "answers 404 <html>"),
        ((401, {"message": "no"}), SchemaUnavailable, "answers 401"),
        ((500, {"error_code": 40403}), SchemaUnavailable, "answers 500"),
        ((200, {"schema": 7}), SchemaUnavailable, "answers with no schema"),
        ((200, []), SchemaUnavailable, "answers with no schema"),
        ((200, {"schema": "S", "references": 7}), SchemaUnavailable, "a schema that cannot be read"),
        ((200, {"schema": "S", "references": [{}]}), SchemaUnavailable, "a schema that cannot be read"),
        ((200, {"schema": "S", "references": [refer("a", "a")]}), SchemaUnknown, "no version 1 of a, to which"),
    ],
)
def test_what_is_no_schema_has_a_reason(
    server: PathServer, answer: tuple[int, Any], kind: type[Exception], words: str
) -> None:
    server.answers = {"/schemas/ids/7": answer}
    with pytest.raises(kind, match=words):
        client(server.url).schema(SchemaReference(7))


@pytest.mark.parametrize("name", ANSWERS)
def test_an_odd_answer_has_a_reason_in_time(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_registry, "_SECONDS", 0.5)
    with closing(Server()) as odd:
        odd.answer = ANSWERS[name]
        began = time.monotonic()
        with pytest.raises(SchemaUnavailable) as failure:
            client(odd.url).schema(SchemaReference(7))
        assert time.monotonic() - began < patience(2.5)
        assert odd.url in failure.value.message
        assert len(failure.value.message) < 400


def test_a_registry_that_trickles_leaves_a_command_the_half_of_its_time() -> None:
    with closing(Server()) as odd:
        odd.answer = ANSWERS["a body that does not end"]
        with pytest.raises(SchemaUnavailable, match=re.escape(f"{odd.url} gives no whole answer within 0.5 s")):
            client(odd.url, seconds=1).schema(SchemaReference(7))


@pytest.mark.parametrize("name", ["no HTTP", "cut", "cut in a chunk", "no gzip"])
def test_an_answer_that_cannot_be_read_is_no_registry_that_cannot_be_reached(name: str) -> None:
    with closing(Server()) as odd:
        odd.answer = ANSWERS[name]
        with pytest.raises(SchemaUnavailable, match=re.escape(f"{odd.url} sends an answer that cannot be read: ")):
            client(odd.url).schema(SchemaReference(7))


@pytest.mark.parametrize("count", [15, pytest.param(2_000, marks=pytest.mark.soak)])
def test_a_damaged_answer_is_a_schema_or_a_reason(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_registry, "_SECONDS", 0.5)
    sound = http(json.dumps({"schema": '{"type": "string"}', "schemaType": "AVRO", "references": []}).encode())
    choose = random.Random(11)
    with closing(Server()) as odd:
        for _ in range(count):
            odd.answer = damage_bytes(choose, sound)
            with suppress(SchemaUnavailable, SchemaUnknown):
                assert client(odd.url).schema(SchemaReference(7)).text
