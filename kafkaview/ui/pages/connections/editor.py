"""The form of one connection: sections of rows, those for experts folded, and what is wrong below each field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from kafkaview.profiles import checks, fields
from kafkaview.profiles.connection_field import ConnectionField, FieldControl, FormSection, FormValues
from kafkaview.profiles.fields import field_of
from kafkaview.profiles.form import empty_values, problems, profile_of, secrets_of, values_of, visible_fields
from kafkaview.profiles.mechanisms.registry import MECHANISMS
from kafkaview.profiles.profile import ConnectionProfile, Environment
from kafkaview.profiles.security import SecretField
from kafkaview.ui.kit.controls import Text, ground, hairline
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.kit.turns import do_in_next_turn
from kafkaview.ui.pages.connections.colours import ColourField
from kafkaview.ui.pages.connections.fields import (
    AreaField,
    ChoiceField,
    Field,
    FileField,
    LineField,
    SegmentField,
    TickField,
)
from kafkaview.ui.pages.connections.rows import Fold, FormRows
from kafkaview.ui.pages.connections.secret_field import Kept, SecretEdit
from kafkaview.ui.pages.connections.words import extras_summary, journal_summary, registry_summary

_EDGE, _NARROW_EDGE = 20, 12
_AROUND = 24  # what is seen above and below a field that was gone to
_NARROW = 444  # four protocols beside their label
_PEM = "PEM (*.pem *.crt *.cer *.key)"
_STORE = "PKCS12 (*.p12 *.pfx)"
_OPEN = (FormSection.PROFILE, FormSection.SERVERS, FormSection.SECURITY)


class FormCheck(Enum):
    """How strictly the form is checked: a test needs no name and keeps no secret."""

    NONE = 0
    TO_TEST = 1
    TO_SAVE = 2


class Editor(QScrollArea):
    """The form of a profile. `typed_secrets` returns the secrets that were typed."""

    changed = Signal()
    forget = Signal(object)  # SecretField

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._base = ConnectionProfile("", "")
        self._taken: Collection[str] = ()
        self._filling = False
        self._complain: FormCheck = FormCheck.NONE
        self.controls = {row.name: _control(theme, row) for row in fields.FIELDS if row.secret is None}
        self.secrets = {SecretField(row.name): SecretEdit(theme, row.label) for row in fields.secret_fields()}
        for control in (*self.controls.values(), *self.secrets.values()):
            control.setParent(self)  # it goes with it, should it never be laid out
        self._sections: dict[FormSection, FormRows] = {}

    def lay_out(self) -> None:
        """Puts the fields in their places and shows an empty profile, unless that was done. It is a piece by itself."""
        if self._sections:
            return
        theme = self._theme
        self._sections = {section: self._rows(section) for section in FormSection}
        self.registry, self.extras, self.journal = (
            Fold(theme, section.value, self._sections[section]) for section in FormSection if section not in _OPEN
        )
        self._put_sections()
        for control in self.controls.values():
            control.changed.connect(self._show_changes)
        for secret, edit in self.secrets.items():
            edit.changed.connect(self._show_changes)
            edit.forget.connect(lambda secret=secret: self.forget.emit(secret))
        self.setMinimumHeight(1)  # where there is little room, the buttons below it are not cut
        self.edit(self._base)

    @property
    def values(self) -> FormValues:
        """The values of the form."""
        return empty_values().replace(**{name: control.value() for name, control in self.controls.items()})

    @property
    def profile(self) -> ConnectionProfile:
        """The profile that the form describes."""
        return profile_of(self.values, self._base)

    @property
    def dirty(self) -> bool:
        """Whether the form has changes that are not saved."""
        return self.values != values_of(self._base) or bool(self.typed_secrets())

    def edit(self, profile: ConnectionProfile, taken: Collection[str] = ()) -> None:
        """Shows a profile; `taken` are the names of the other profiles."""
        self._base, self._taken, self._complain = profile, taken, FormCheck.NONE
        self._filling = True
        values = values_of(profile)
        for name, control in self.controls.items():
            control.set_value(values[name])
        for edit in self.secrets.values():
            edit.show_kept(Kept.NOWHERE)
        self._filling = False
        self.registry.open(unfold=False)
        self.extras.open(unfold=False)
        self.journal.open(unfold=False)
        self.verticalScrollBar().setValue(0)
        self._show_changes()

    def show_kept(self, kept: Mapping[SecretField, Kept], no_keyring: str) -> None:
        """Shows where each secret is kept."""
        for secret, edit in self.secrets.items():
            edit.show_kept(kept.get(secret, Kept.NOWHERE), no_keyring)

    def typed_secrets(self) -> dict[SecretField, str]:
        """Returns the secrets that were typed and that this login needs."""
        return {name: self.secrets[name].typed for name in secrets_of(self.values) if self.secrets[name].typed}

    def only_now(self) -> frozenset[SecretField]:
        """Returns the secrets that are kept for this run only."""
        return frozenset(name for name, edit in self.secrets.items() if edit.only_now.isChecked())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's: where it is narrow, labels stand above their fields."""
        narrow = event.size().width() < self._theme.px(_NARROW)
        edge = _NARROW_EDGE if narrow else _EDGE
        self._column.setContentsMargins(edge, 14, edge, 20)
        for rows in self._sections.values():
            rows.put_labels(above=narrow)
        super().resizeEvent(event)

    def check(self, *, to_save: bool = True) -> bool:
        """Returns whether the profile can be saved, or just tested; if not, says why and goes to the first field."""
        self._complain = FormCheck.TO_SAVE if to_save else FormCheck.TO_TEST
        wrong = self._say_wrong()
        if wrong:
            self.go_to(next(name for rows in self._sections.values() for name in rows.names() if name in wrong))
        return not wrong

    def go_to(self, name: str) -> None:
        """Scrolls to a field and puts the cursor into it."""
        folds = {
            self.registry: FormSection.REGISTRY,
            self.extras: FormSection.EXTRAS,
            self.journal: FormSection.JOURNAL,
        }
        for fold, section in folds.items():
            if name in self._sections[section].names():
                fold.open()
        control = self.secrets[SecretField(name)] if name in tuple(SecretField) else self.controls.get(name)
        if control is not None:
            control.setFocus(Qt.FocusReason.TabFocusReason)
            do_in_next_turn(self, partial(self._scroll_to, name, control))  # what was just shown has its place then

    def refuse_kerberos(self, reason: str) -> None:
        """Greys the mechanisms that need a ticket, with the reason."""
        mechanism = self.controls["mechanism"]
        if isinstance(mechanism, ChoiceField):
            for login in MECHANISMS.values():
                if login.takes_ticket:
                    mechanism.refuse(login.name, reason)

    def _scroll_to(self, name: str, control: QWidget) -> None:
        """Scrolls until a field is seen, with what is wrong with it."""
        reason = next(rows.reason(name) for rows in self._sections.values() if name in rows.names())
        for part in (reason, control):
            if part.isVisible():
                self.ensureWidgetVisible(part, 0, _AROUND)

    def _show_changes(self) -> None:
        if self._filling:
            return
        values = self.values
        visible = visible_fields(values)
        for rows in self._sections.values():
            rows.show_only(visible)
        colour = self.controls["colour"]
        if isinstance(colour, ColourField):
            named = str(values["environment"])
            colour.show_environment(Environment(named) if named else None)
        self.registry.say(registry_summary(values))
        self.extras.say(extras_summary(values))
        self.journal.say(journal_summary(values))
        if self._complain is not FormCheck.NONE:
            self._say_wrong()
        self.changed.emit()

    def _say_wrong(self) -> dict[str, str]:
        wrong = {field_of(found.field): found.text for found in reversed(checks.problems(self.profile))}
        wrong = {name: text for name, text in wrong.items() if name in visible_fields(self.values)}
        wrong |= problems(self.values, self._taken)
        wrong |= {name: self.secrets[name].problem for name in secrets_of(self.values) if self.secrets[name].problem}
        if self._complain is FormCheck.TO_TEST:
            wrong = {name: text for name, text in wrong.items() if name != "name" and name not in self.secrets}
        for rows in self._sections.values():
            for name in rows.names():
                rows.say_wrong(name, wrong.get(name, ""))
        return wrong

    def _rows(self, section: FormSection) -> FormRows:
        rows = FormRows(self._theme)
        for row in fields.FIELDS:
            if row.section is section:
                rows.add(row, self.controls[row.name] if row.secret is None else self.secrets[row.secret])
        return rows

    def _put_sections(self) -> None:
        inner = QWidget()
        ground(inner, "surface")
        column = self._column = QVBoxLayout(inner)
        column.setContentsMargins(_EDGE, 14, _EDGE, 20)
        column.setSpacing(8)
        for section in _OPEN:
            if section is not _OPEN[0]:
                column.addSpacing(4)
                column.addWidget(hairline())
                column.addSpacing(4)
            column.addWidget(Text(section.value, size=12, weight=600))
            column.addWidget(self._sections[section])
        column.addSpacing(4)
        column.addWidget(hairline())
        column.addWidget(self.registry)
        column.addWidget(self.extras)
        column.addWidget(self.journal)
        column.addStretch(1)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)


def _control(theme: Theme, row: ConnectionField) -> Field:
    """Returns the control of one field."""
    options = tuple((option.value, option.title) for option in row.options)
    match row.control:
        case FieldControl.NAME:
            return LineField(row.hint, mono=False)
        case FieldControl.FILE:
            return FileField(theme, row.hint, _PEM)
        case FieldControl.STORE:
            return FileField(theme, row.hint, _STORE)
        case FieldControl.AREA | FieldControl.PAIRS:
            return AreaField(theme, row.hint, lines=row.lines)
        case FieldControl.TICK:
            return TickField(row.hint, more=row.note, unticked=row.unticked_note)
        case FieldControl.SEGMENTS:
            return SegmentField(options)
        case FieldControl.CHOICE:
            return ChoiceField(options)
        case FieldControl.COLOUR:
            return ColourField(theme)
        case _:
            return LineField(row.hint)
