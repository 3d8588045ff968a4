"""The fields of new ACLs: a preset for common needs, or one ACL in full."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtWidgets import QLineEdit

from kafkaview.cluster.ports.security import CLUSTER_NAME, Acl, Operation, Permission, ResourceType
from kafkaview.security.decision import rule_text
from kafkaview.security.presets import DEAD_LETTERS, GROUP, PRESETS, TOPIC, TRANSACTIONAL_ID, Preset, pattern_of
from kafkaview.ui.kit.choice_field import ComboBox
from kafkaview.ui.kit.controls import Segments, Text
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.picker import Picker
from kafkaview.ui.writes.form_sheet import FormSheet, Make, Plan
from kafkaview.words import join_lines

_LABELS: Final = {
    TOPIC: "Topic",
    GROUP: "Group",
    TRANSACTIONAL_ID: "Transactional id",
    DEAD_LETTERS: "Dead letter topics",
}
_KINDS: Final = {TOPIC: ResourceType.TOPIC, GROUP: ResourceType.GROUP, DEAD_LETTERS: ResourceType.TOPIC}
_TYPES: Final = tuple(kind for kind in ResourceType if kind is not ResourceType.UNKNOWN)
_OPERATIONS: Final = tuple(one for one in Operation if one is not Operation.UNKNOWN)


class AclSheet(FormSheet):
    """The planned ACLs are listed below the fields as they are typed."""

    def __init__(
        self, context: Context, plan: Plan, principals: Iterable[str], names: dict[ResourceType, tuple[str, ...]]
    ) -> None:
        super().__init__(context, "Create ACLs", "A name that ends in * is a prefix, * alone is every name.", plan)
        theme = context.theme
        self.preset = ComboBox()
        for preset in PRESETS:
            self.preset.addItem(preset.title, preset)
        self.preset.addItem("One ACL in full", None)
        self.principal = Picker(theme, "Principal", 320)
        self.principal.offer(principals)
        self.principal.setEditText("")
        self.needs = {need: Picker(theme, label, 320) for need, label in _LABELS.items()}
        for need, picker in self.needs.items():
            picker.offer(names.get(_KINDS.get(need, ResourceType.UNKNOWN), ()))
            picker.setEditText("")
        self.type = ComboBox()
        for kind in _TYPES:
            self.type.addItem(kind.name, kind)
        self.name = Picker(theme, "Name", 320)
        self.name.offer(names.get(ResourceType.TOPIC, ()))
        self.name.setEditText("")
        self.operation = ComboBox()
        for one in _OPERATIONS:
            self.operation.addItem(one.name, one)
        self.permission = Segments((("ALLOW", "Allow"), ("DENY", "Deny")))
        self.host = QLineEdit("*")
        self.listed = Text(size=12, mono=True, tone="text_2", wrap=True)
        self._names = names
        self._fill_form()
        self._connect()
        self._turn()

    def acls(self) -> tuple[Acl, ...]:
        """Returns the ACLs of the fields; none while a name is missing."""
        principal, host, preset = self.principal.text, self.host.text().strip(), self._preset
        if not principal or not host:
            return ()
        if preset is not None:
            values = {need: self.needs[need].text for need in preset.needs}
            return preset.acls(principal, values, host) if all(values.values()) else ()
        kind, operation = self.type.currentData(), self.operation.currentData()
        name = CLUSTER_NAME if kind is ResourceType.CLUSTER else self.name.text
        if not name:
            return ()
        return (Acl(kind, *pattern_of(name), principal, host, operation, Permission[self.permission.current]),)

    def why_not(self) -> str:
        """Returns what is missing: a principal needs a type before its name, other fields need any text."""
        if ":" not in self.principal.text.strip(":"):
            return "A principal reads User:name."
        return "" if self.acls() else "A name is missing."

    def make(self) -> Make:
        """Returns the function that plans these ACLs."""
        acls = self.acls()
        return lambda engine: engine.plan_create_acls(acls)

    @property
    def _preset(self) -> Preset | None:
        chosen = self.preset.currentData()
        return chosen if isinstance(chosen, Preset) else None

    def _turn(self) -> None:
        preset = self._preset
        for need, picker in self.needs.items():
            self.show_field(picker, shown=preset is not None and need in preset.needs)
        for control in (self.type, self.operation, self.permission):
            self.show_field(control, shown=preset is None)
        named = preset is None and self.type.currentData() is not ResourceType.CLUSTER
        self.show_field(self.name, shown=named)
        self._show_acls()

    def _retype(self) -> None:
        self.name.offer(self._names.get(self.type.currentData(), ()))
        self._turn()

    def _show_acls(self) -> None:
        self.listed.setText(join_lines(*map(rule_text, self.acls())))
        self.check()

    def _connect(self) -> None:
        self.preset.currentIndexChanged.connect(self._turn)
        self.type.currentIndexChanged.connect(self._retype)
        self.operation.currentIndexChanged.connect(self._show_acls)
        self.permission.chosen.connect(self._show_acls)
        self.host.textChanged.connect(self._show_acls)
        for picker in (self.principal, self.name, *self.needs.values()):
            picker.currentTextChanged.connect(self._show_acls)

    def _fill_form(self) -> None:
        self.field("For", self.preset)
        self.field("Principal", self.principal)
        for need, picker in self.needs.items():
            self.field(_LABELS[need], picker)
        self.field("", self.permission)
        self.field("Operation", self.operation)
        self.field("Resource", self.type)
        self.field("Name", self.name)
        self.field("From host", self.host)
        self.body.addWidget(self.listed)
        self.body.addStretch(1)
