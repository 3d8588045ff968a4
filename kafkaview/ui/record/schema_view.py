"""The schemas that a record's value and key name: where the registry has them, their text, and what they refer to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QWidget

from kafkaview.records.schema import FieldSchema
from kafkaview.ui.kit.bytes_text import CodeText
from kafkaview.ui.kit.controls import Segments, Text
from kafkaview.ui.kit.copy_button import CopyButton
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.syntax import JsonColours
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import number, plural

_NONE: Final = (
    "Neither the value nor the key names a schema: their bytes do not begin with a schema id, and no header has one."
)
_BYTES_STAND: Final = "The bytes of the record are shown all the same, under Text and Hex."


class SchemaView(QWidget):
    """Shows one schema at a time. A registry that does not answer is said."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._schemas: tuple[FieldSchema, ...] = ()
        self.fields = Segments((("value", "Of the value"), ("key", "Of the key")), low=True)
        self.facts = Text(size=12, tone="text_2", wrap=True)
        self.text = CodeText()
        self.colours = JsonColours(theme, self.text)
        self.copy_text = CopyButton(theme, "Copy schema")
        self.copy_link = CopyButton(theme, "Copy link")
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy_text)
        buttons.addWidget(self.copy_link)
        buttons.addStretch(1)
        self.setLayout(column(self.fields, self.facts, buttons, last=self.text, gap=6))
        self.fields.chosen.connect(self._show)
        self.say("")

    def say(self, text: str) -> None:
        """Says something in place of a schema."""
        self._schemas = ()
        self.facts.setText(text)
        for part in (self.fields, self.text, self.copy_text, self.copy_link):
            part.hide()

    def show_schemas(self, schemas: Sequence[FieldSchema]) -> None:
        """Shows the schemas of a record."""
        self.say(_NONE)
        self._schemas = tuple(schemas)
        if schemas:
            self.fields.setVisible(len(schemas) > 1)
            self.fields.choose(schemas[0].field)

    def _show(self, field: str) -> None:
        shown = next((one for one in self._schemas if one.field == field), None)
        if shown is None:
            return
        for part in (self.text, self.copy_text, self.copy_link):
            part.setVisible(shown.problem is None)
        self.copy_link.setVisible(shown.link is not None)
        self.copy_link.offer(shown.link or "")
        self.copy_text.offer(shown.text)
        self.facts.setText(_facts(shown))
        self.colours.on = shown.kind != "Protobuf"
        self.text.show_code(_text(shown))


def _facts(schema: FieldSchema) -> str:
    named = f"id {schema.id}" if schema.id is not None else f"GUID {schema.guid}"
    if schema.problem is not None:
        return f"The {schema.field} names the schema of {named}, which is not known: {schema.problem}. {_BYTES_STAND}"
    listed = f"{schema.subject} version {schema.version}" if schema.subject else "listed under no subject"
    others = f", and {plural(schema.others, 'other version')} of it in the registry" if schema.others else ""
    refers = f", refers to {plural(len(schema.references), 'schema')}" if schema.references else ""
    return f"{schema.kind}, {listed} ({named}){others}{refers}"


def _text(schema: FieldSchema) -> str:
    more = schema.characters - len(schema.text)
    parts = [schema.text + (f"\n… {number(more)} characters more" if more > 0 else "")]
    parts += [f"\n\n// {one.name}\n{one.text}" for one in schema.references]
    return "".join(parts)
