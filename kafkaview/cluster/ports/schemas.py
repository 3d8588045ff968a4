"""Schemas of a registry, and how records name them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SchemaReference:
    """How a record names its schema: by the id in front of its bytes, or by the GUID in a header; or a version of a
    subject, the latest where none is named, by which a reader may be held.
    """

    id: int | None = None
    guid: str | None = None
    subject: str | None = None
    version: int | None = None

    def __str__(self) -> str:
        """Returns it in words."""
        if self.version is not None:
            return f"version {self.version} of {self.subject}"
        if self.subject is not None:
            return f"subject {self.subject}"
        return f"schema id {self.id}" if self.guid is None else f"schema {self.guid}"


@dataclass(frozen=True, slots=True)
class NamedSchema:
    """A schema under the name by which another refers to it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class RegisteredSchema:
    """A schema of the registry. `kind` is `AVRO`, `PROTOBUF` or `JSON`; `references` hold all that it refers to, each
    after those that it refers to itself; `versions` are the subjects and versions that have it, and `id` the number by
    which records name it, None where the registry does not say.
    """

    kind: str
    text: str
    references: tuple[NamedSchema, ...] = ()
    versions: tuple[tuple[str, int], ...] = ()
    guid: str | None = None
    id: int | None = field(default=None, compare=False)
