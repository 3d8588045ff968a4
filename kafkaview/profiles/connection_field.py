"""A field of a connection: what the form, the file of connections and client settings know of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from kafkaview.profiles.security import Protocol, SecretField

FieldValue = str | bool


class FormValues(dict[str, FieldValue]):
    """The contents of the form, by field. A hidden field keeps its value: going back loses nothing."""

    def text(self, name: str) -> str:
        """Returns a field's text without the blanks around it."""
        return str(self[name]).strip()

    def replace(self, **values: FieldValue) -> FormValues:
        """Returns a copy with other values."""
        return FormValues({**self, **values})

    @property
    def protocol(self) -> Protocol:
        """The security protocol."""
        return Protocol(str(self["protocol"]))

    @property
    def mechanism(self) -> str:
        """The SASL mechanism; it counts if the protocol has a login."""
        return str(self["mechanism"])

    @property
    def uses_tls(self) -> bool:
        """Whether the brokers or ZooKeeper are spoken to over TLS."""
        return self.protocol.tls or (bool(self["zookeeper_tls"]) and bool(self.text("zookeeper")))


class FormSection(Enum):
    """The sections of the form, in their order; the last three are folded."""

    PROFILE = "Profile"
    SERVERS = "Servers"
    SECURITY = "Security"
    REGISTRY = "Schema Registry"
    EXTRAS = "ZooKeeper, extra client settings"
    JOURNAL = "Journal"


class FieldControl(Enum):
    """How a field is edited."""

    NAME = "a line of words"
    LINE = "a line of code"
    URL = "a line with an http or https address"
    FILE = "a PEM file"
    STORE = "a PKCS12 file"
    AREA = "several lines"
    PAIRS = "lines of key=value"
    TICK = "a box to tick"
    SEGMENTS = "choices side by side"
    CHOICE = "choices in a list"
    COLOUR = "a colour"
    SECRET = "a secret"  # noqa: S105 - what the control is for


@dataclass(frozen=True, slots=True)
class FieldOption:
    """One choice of a field, and the fields that are shown for it."""

    value: str
    title: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionField:
    """One row of `fields.FIELDS`.

    `path` is its place in ConnectionProfile and, the same, in the file of connections; a secret's is its SecretField. A
    choice that is not `stored` follows from which of its options' fields is filled; its path is what they belong to.
    `names` are the client settings that mean it, librdkafka's first; `java_name` is Java's where that is another. A
    field with the path `settings.NAME` is a plain client setting; librdkafka gets every one, kafka-python the text of
    those that have a `kafka_python_name`.
    `word` is the field in a sentence ("read-only"), `hint` the placeholder, a box's words or a file dialog's title.
    `check` returns what is wrong with the form's text, `refusal` why a value may not be saved; both quote no secret.
    """

    name: str
    path: str
    section: FormSection
    label: str = ""
    control: FieldControl = FieldControl.LINE
    when: Callable[[FormValues], bool] = lambda _values: True
    default: FieldValue | None = None
    enum: Callable[[str], str] | None = None  # the one word of a few; raises ValueError for another
    options: tuple[FieldOption, ...] = ()
    stored: bool = True
    parse: Callable[[str], object] = str.strip
    check: Callable[[str], str] = lambda _text: ""
    refusal: Callable[[str], str] = lambda _value: ""
    word: str = ""
    hint: str = ""
    note: str = ""
    unticked_note: str = ""
    lines: int = 4
    names: tuple[str, ...] = ()
    java_name: str = ""
    kafka_python_name: str = ""
    exported_flag: str = "true"  # the setting's value where a box differs from its default
    ours: bool = False  # an unknown name to other clients
    in_jaas: bool = False  # Java reads it in sasl.jaas.config
    json_name: str = ""
    variable: str = ""  # of the environment, for a secret
    needed: bool = False  # a secret without which the login cannot work
    java_place: str = ""  # where a Java client wants the secret

    @property
    def secret(self) -> SecretField | None:
        """The secret that is typed here; None for any other field."""
        return SecretField(self.name) if self.control is FieldControl.SECRET else None

    @property
    def setting(self) -> str:
        """The client setting that it is (`client.id`); empty for a field with a meaning beyond its setting."""
        return self.path.removeprefix("settings.") if self.path.startswith("settings.") else ""

    def is_default(self, value: object) -> bool:
        """Whether a value is left out where a profile is written: a box, or a choice of ours, that has its default."""
        return (isinstance(value, bool) or self.ours) and value == self.default

    @property
    def empty_value(self) -> FieldValue:
        """What the form holds where the profile has nothing."""
        return "" if self.default is None else self.default


def secret_field(
    secret: SecretField,
    section: FormSection,
    label: str,
    word: str,
    *,
    names: tuple[str, ...],
    variable: str,
    when: Callable[[FormValues], bool] = lambda _values: True,
    needed: bool = False,
    java_place: str = "",
) -> ConnectionField:
    """Returns the row of a secret; its names are client settings whose values are never shown."""
    return ConnectionField(
        name=secret.value, path=secret.value, section=section, label=label, word=word, control=FieldControl.SECRET,
        names=names, variable=variable, when=when, needed=needed, java_place=java_place or names[0],
    )  # fmt: skip


def pairs(text: str) -> dict[str, str]:
    """Returns the settings of `key=value` lines; lines of another form are left out."""
    cut = (line.partition("=") for line in text.splitlines())
    return {key.strip(): value.strip() for key, equals, value in cut if equals and key.strip()}


def check_pairs(text: str) -> str:
    """Returns a sentence about the first line that is not `key=value`."""
    wrong = (line.strip() for line in text.splitlines() if line.strip() and not pairs(line))
    return next((f"“{line}” is not key=value" for line in wrong), "")


def lines_of(settings: Mapping[str, str]) -> str:
    """Returns settings as `key=value` lines."""
    return "\n".join(f"{key}={value}" for key, value in settings.items())
