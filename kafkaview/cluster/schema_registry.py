"""Schemas of a registry with Confluent's API: one schema with all that it refers to, in a bounded time and size."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from kafkaview.cluster.damage import DAMAGE
from kafkaview.cluster.errors import SchemaUnavailable, SchemaUnknown
from kafkaview.cluster.ports.schemas import NamedSchema, RegisteredSchema, SchemaReference
from kafkaview.cluster.web_service import NoWebAnswer, WebAnswer, WebRequest, ask_web_service

if TYPE_CHECKING:
    import ssl

    from kafkaview.profiles.profile import SchemaRegistry
    from kafkaview.profiles.security import Secrets, Security

_SECONDS: Final = 10.0  # for one schema with all that it refers to
_MOST_BYTES: Final = 5_000_000  # of one answer
_MOST_REFERENCES: Final = 200
_MOST_TEXT: Final = 10_000_000  # characters of a schema with all that it refers to
_NOT_FOUND: Final = (40401, 40402, 40403)  # the registry's codes: no such subject, version, schema


class SchemaRegistryClient:
    """Asks one registry. Its calls block, each for 10 seconds at most, and for half of what a command has left (`rest`,
    None without a limit): it is the registry that is named then, and what was read without it can be shown.
    """

    def __init__(
        self, registry: SchemaRegistry, security: Security, secrets: Secrets, rest: Callable[[], float | None]
    ) -> None:
        self._registry = registry
        self._security = security
        self._secrets = secrets
        self._rest = rest

    def schema(self, reference: SchemaReference) -> RegisteredSchema:
        """Returns the schema with what it refers to. Raises SchemaUnknown or SchemaUnavailable."""
        rest = self._rest()
        seconds = _SECONDS if rest is None else min(_SECONDS, rest / 2)
        asking = _Asking(self._registry, self._security, self._secrets, seconds)
        if reference.subject is None:
            return asking.schema(reference)
        return asking.version(reference.subject, reference.version)


class _Asking:
    """The requests for one schema, which have one time limit."""

    def __init__(self, registry: SchemaRegistry, security: Security, secrets: Secrets, seconds: float) -> None:
        from kafkaview.cluster.tls.contexts import web_context
        from kafkaview.profiles.security import SecretField

        self._url = registry.url.rstrip("/")
        password = secrets.get(SecretField.REGISTRY_PASSWORD) or ""
        self._login = (registry.user, password) if registry.user else None
        self._context: ssl.SSLContext = web_context(security, secrets)
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        self._found: dict[tuple[str, int], NamedSchema] = {}
        self._characters = 0

    def schema(self, reference: SchemaReference) -> RegisteredSchema:
        way = f"ids/{reference.id}" if reference.guid is None else f"guids/{quote(reference.guid, safe='')}"
        document = self._document(f"/schemas/{way}", f"The registry has no {reference}")
        return self._registered(document, self._versions(reference), reference.id)

    def version(self, subject: str, version: int | None) -> RegisteredSchema:
        document = self._document(
            f"/subjects/{quote(subject, safe='')}/versions/{version or 'latest'}",
            f"The registry has no {SchemaReference(subject=subject, version=version)}",
        )
        return self._registered(document, ((subject, document.get("version", 0)),), document.get("id"))

    def _registered(
        self, document: Mapping[str, Any], versions: tuple[tuple[str, int], ...], number: object
    ) -> RegisteredSchema:
        try:
            text, kind, guid = document["schema"], document.get("schemaType") or "AVRO", document.get("guid")
            self._add(text)
            self._refer(document.get("references") or ())
        except DAMAGE as damage:
            raise _unusable(self._url, f"sends a schema that cannot be read ({damage})") from None
        id_ = number if isinstance(number, int) else None
        return RegisteredSchema(str(kind), text, tuple(self._found.values()), versions, guid, id_)

    def _refer(self, references: Any, above: tuple[tuple[str, int], ...] = ()) -> None:
        for reference in references:
            place = (str(reference["subject"]), int(reference["version"]))
            if place in self._found or place in above:
                continue
            if len(self._found) >= _MOST_REFERENCES or len(above) >= _MOST_REFERENCES:
                raise _unusable(self._url, f"has a schema that refers to more than {_MOST_REFERENCES} others")
            subject, version = place
            what = f"The registry has no version {version} of {subject}, to which the schema refers"
            document = self._document(f"/subjects/{quote(subject, safe='')}/versions/{version}", what)
            self._add(document["schema"])
            self._refer(document.get("references") or (), (*above, place))
            self._found[place] = NamedSchema(str(reference["name"]), document["schema"])

    def _add(self, text: str) -> None:
        self._characters += len(text)
        if self._characters > _MOST_TEXT:
            raise _unusable(self._url, f"has a schema of more than {_MOST_TEXT:,} characters")

    def _versions(self, reference: SchemaReference) -> tuple[tuple[str, int], ...]:
        """Returns under which subjects the registry lists a schema; empty where it does not say, for nothing is read
        by it.
        """
        if reference.guid is not None:
            return ()
        try:
            answer = json.loads(self._ask(f"/schemas/ids/{reference.id}/versions").body)
            return tuple((str(one["subject"]), int(one["version"])) for one in answer)
        except (SchemaUnavailable, *DAMAGE):
            return ()

    def _document(self, path: str, missing: str) -> dict[str, Any]:
        answer = self._ask(path)
        try:
            document = json.loads(answer.body)
        except DAMAGE:
            document = None
        if answer.status == 404 and isinstance(document, dict) and document.get("error_code") in _NOT_FOUND:
            raise SchemaUnknown(missing)
        if not 200 <= answer.status < 300:
            raise _unusable(self._url, f"answers {answer.status} {answer.words}")
        if not isinstance(document, dict) or not isinstance(document.get("schema"), str):
            raise _unusable(self._url, f"answers with no schema: {answer.words}")
        return document

    def _ask(self, path: str) -> WebAnswer:
        left = self._end - time.monotonic()
        if left <= 0:
            raise _unusable(self._url, f"gives no whole answer within {self._seconds:.2g} s")
        request = WebRequest(f"{self._url}{path}", self._login, most_bytes=_MOST_BYTES)
        try:
            return ask_web_service(request, self._context, left)
        except NoWebAnswer as reason:
            raise _unusable(self._url, str(reason)) from None


def _unusable(url: str, what: str) -> SchemaUnavailable:
    return SchemaUnavailable(f"{url} {what}", "`kafkaview doctor` says more about the registry.")
