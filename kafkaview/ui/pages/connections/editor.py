"""The form of one connection: sections of rows, expert ones folded, and what is wrong below each field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from enum import Enum

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from kafkaview.profiles import checks
from kafkaview.profiles.profile import ConnectionProfile, Environment
from kafkaview.profiles.security import Mechanism, Protocol, SecretField
from kafkaview.ui.kit.controls import Text, ground, hairline
from kafkaview.ui.kit.theme import Theme
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
from kafkaview.ui.pages.connections.form import (
    FormValues,
    Proof,
    Trust,
    WebCas,
    profile_of,
    secrets_of,
    shown,
    values_of,
)
from kafkaview.ui.pages.connections.problems import problems
from kafkaview.ui.pages.connections.rows import Fold, FormRows
from kafkaview.ui.pages.connections.secret_field import Kept, SecretEdit
from kafkaview.ui.pages.connections.words import LABELS, extras_summary, field_of, registry_summary

_EDGE, _NARROW_EDGE = 20, 12
_NARROW = 444  # four protocols beside their label
_PEM = "PEM (*.pem *.crt *.cer *.key)"
_STORE = "PKCS12 (*.p12 *.pfx)"
_UNVERIFIED = "Any host with a certificate of this CA can pose as the broker, and the login goes to it."
_PROFILE = ("name", "environment", "colour", "read_only")
_SERVERS = ("bootstrap",)
_SECURITY = (
    *("protocol", "trust", "ca_file", "ca_pem", "truststore_file", SecretField.TRUSTSTORE_PASSWORD, "verify_hostname"),
    *("proof", "certificate_file", "key_file", "certificate_pem", "pkcs12_file", SecretField.KEYSTORE_PASSWORD),
    *(SecretField.KEY_PASSPHRASE, "mechanism", "username", SecretField.SASL_PASSWORD, "token_endpoint", "client_id"),
    *(SecretField.OAUTH_CLIENT_SECRET, "scope", "extensions", "service_name", "principal", "keytab"),
    *("web_trust", "web_ca_file", "web_ca_pem"),
)
_REGISTRY = ("registry_url", "registry_user", SecretField.REGISTRY_PASSWORD)
_EXTRAS = ("zookeeper", "zookeeper_tls", "zookeeper_user", SecretField.ZOOKEEPER_PASSWORD, "settings")


class FormCheck(Enum):
    """What the form is held to: a test needs no name and keeps no secret."""

    NONE = 0
    TO_TEST = 1
    TO_SAVE = 2


class Editor(QScrollArea):
    """Holds a profile while it is edited; secrets are typed here and leave with `typed_secrets`."""

    changed = Signal()
    forget = Signal(object)  # SecretField

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._base = ConnectionProfile("", "")
        self._taken: Collection[str] = ()
        self._filling = False
        self._complain: FormCheck = FormCheck.NONE
        self.controls = _controls(theme)
        self.secrets = {secret: SecretEdit(theme, LABELS[secret]) for secret in SecretField}
        self._sections = tuple(self._rows(names) for names in (_PROFILE, _SERVERS, _SECURITY, _REGISTRY, _EXTRAS))
        self.registry = Fold(theme, "Schema Registry", self._sections[3])
        self.extras = Fold(theme, "ZooKeeper, extra client settings", self._sections[4])
        self._lay_out()
        for control in self.controls.values():
            control.changed.connect(self._changed)
        for secret, edit in self.secrets.items():
            edit.changed.connect(self._changed)
            edit.forget.connect(lambda secret=secret: self.forget.emit(secret))
        self.setMinimumHeight(1)  # where there is little room, the buttons below it are not cut
        self.edit(self._base)

    @property
    def values(self) -> FormValues:
        """What stands in the form."""
        return FormValues.of({name: control.value() for name, control in self.controls.items()})

    @property
    def profile(self) -> ConnectionProfile:
        """The profile as it stands in the form."""
        return profile_of(self.values, self._base)

    @property
    def dirty(self) -> bool:
        """Whether something was changed and not saved."""
        return self.values != values_of(self._base) or bool(self.typed_secrets())

    def edit(self, profile: ConnectionProfile, taken: Collection[str] = ()) -> None:
        """Show a profile; `taken` are the names of the others."""
        self._base, self._taken, self._complain = profile, taken, FormCheck.NONE
        self._filling = True
        values = values_of(profile)
        for name, control in self.controls.items():
            control.set_value(getattr(values, name))
        for edit in self.secrets.values():
            edit.show_kept(Kept.NOWHERE)
        self._filling = False
        self.registry.open(unfold=False)
        self.extras.open(unfold=False)
        self.verticalScrollBar().setValue(0)
        self._changed()

    def show_kept(self, kept: Mapping[SecretField, Kept], no_keyring: str) -> None:
        """Say of each secret where it is."""
        for secret, edit in self.secrets.items():
            edit.show_kept(kept.get(secret, Kept.NOWHERE), no_keyring)

    def typed_secrets(self) -> dict[SecretField, str]:
        """What was typed, of the secrets that this way in needs."""
        return {name: self.secrets[name].typed for name in secrets_of(self.values) if self.secrets[name].typed}

    def only_now(self) -> frozenset[SecretField]:
        """The secrets that are to be kept for this run only."""
        return frozenset(name for name, edit in self.secrets.items() if edit.only_now.isChecked())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's: where it is narrow, labels stand above their fields."""
        narrow = event.size().width() < self._theme.px(_NARROW)
        edge = _NARROW_EDGE if narrow else _EDGE
        self._column.setContentsMargins(edge, 14, edge, 20)
        for rows in self._sections:
            rows.put_labels(above=narrow)
        super().resizeEvent(event)

    def check(self, *, to_save: bool = True) -> bool:
        """Whether it can be saved, or just tested; if not, say why below each field and go to the first."""
        self._complain = FormCheck.TO_SAVE if to_save else FormCheck.TO_TEST
        wrong = self._say_wrong()
        if wrong:
            self.go_to(next(name for rows in self._sections for name in rows.names() if name in wrong))
        return not wrong

    def go_to(self, name: str) -> None:
        """Bring a field into sight and put the cursor into it."""
        for fold, names in ((self.registry, _REGISTRY), (self.extras, _EXTRAS)):
            if name in names:
                fold.open()
        control = self.secrets[SecretField(name)] if name in tuple(SecretField) else self.controls.get(name)
        if control is not None:
            self.ensureWidgetVisible(control, 0, 40)
            control.setFocus(Qt.FocusReason.TabFocusReason)

    def refuse_kerberos(self, reason: str) -> None:
        """Grey GSSAPI, with the reason."""
        mechanism = self.controls["mechanism"]
        if isinstance(mechanism, ChoiceField):
            mechanism.refuse(Mechanism.GSSAPI.value, reason)

    def _changed(self) -> None:
        if self._filling:
            return
        values = self.values
        visible = shown(values)
        for rows in self._sections:
            rows.show_only(visible)
        colour = self.controls["colour"]
        if isinstance(colour, ColourField):
            colour.show_environment(values.environment.value)
        self.registry.say(registry_summary(values))
        self.extras.say(extras_summary(values))
        if self._complain is not FormCheck.NONE:
            self._say_wrong()
        self.changed.emit()

    def _say_wrong(self) -> dict[str, str]:
        wrong = {field_of(found.field): found.text for found in reversed(checks.problems(self.profile))}
        wrong = {name: text for name, text in wrong.items() if name in shown(self.values)}
        wrong |= problems(self.values, self._taken)
        wrong |= {name: self.secrets[name].problem for name in secrets_of(self.values) if self.secrets[name].problem}
        if self._complain is FormCheck.TO_TEST:
            wrong = {name: text for name, text in wrong.items() if name != "name" and name not in self.secrets}
        for rows in self._sections:
            for name in rows.names():
                rows.say_wrong(name, wrong.get(name, ""))
        return wrong

    def _rows(self, names: tuple[str, ...]) -> FormRows:
        rows = FormRows(self._theme)
        for name in names:
            rows.add(name, self.secrets[SecretField(name)] if name in tuple(SecretField) else self.controls[name])
        return rows

    def _lay_out(self) -> None:
        inner = QWidget()
        ground(inner, "surface")
        column = self._column = QVBoxLayout(inner)
        column.setContentsMargins(_EDGE, 14, _EDGE, 20)
        column.setSpacing(8)
        for place, title in enumerate(("Profile", "Servers", "Security")):
            if place:
                column.addSpacing(4)
                column.addWidget(hairline())
                column.addSpacing(4)
            column.addWidget(Text(title, size=12, weight=600))
            column.addWidget(self._sections[place])
        column.addSpacing(4)
        column.addWidget(hairline())
        column.addWidget(self.registry)
        column.addWidget(self.extras)
        column.addStretch(1)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)


def _controls(theme: Theme) -> dict[str, Field]:
    """One control for each field of the form."""
    made: dict[str, Field] = {
        "name": LineField("orders-eu", mono=False),
        "environment": SegmentField(tuple((e.value, e.value.capitalize()) for e in Environment)),
        "colour": ColourField(theme),
        "read_only": TickField("Read-only: refuse every write from here"),
        "bootstrap": LineField("host:9092, host:9092"),
        "protocol": SegmentField(_PROTOCOLS),
        "trust": ChoiceField(_TRUSTS),
        "ca_file": FileField(theme, "Choose the CA's certificate", _PEM),
        "ca_pem": AreaField(theme, "-----BEGIN CERTIFICATE-----"),
        "truststore_file": FileField(theme, "Choose the truststore", _STORE),
        "verify_hostname": TickField("Verify the broker's host name", unticked=_UNVERIFIED),
        "proof": ChoiceField(_PROOFS),
        "certificate_file": FileField(theme, "Choose the client certificate", _PEM),
        "key_file": FileField(theme, "Choose the private key; leave it empty if the certificate's file holds it", _PEM),
        "certificate_pem": AreaField(theme, "Certificate, then the encrypted key", lines=5),
        "pkcs12_file": FileField(theme, "Choose the keystore", _STORE),
        "mechanism": ChoiceField([(m.value, _MECHANISMS.get(m, m.value)) for m in Mechanism]),
        "extensions": AreaField(theme, "logicalCluster=lkc-1, one a line", lines=2),
        "web_trust": ChoiceField(_WEB_TRUSTS),
        "web_ca_file": FileField(theme, "Choose the CA's certificate", _PEM),
        "web_ca_pem": AreaField(theme, "-----BEGIN CERTIFICATE-----"),
        "registry_url": LineField("https://registry:8081"),
        "zookeeper": LineField("host:2181/chroot"),
        "zookeeper_tls": TickField(
            "Encrypt the way to ZooKeeper", more="With the trust and certificate of the brokers."
        ),
        "settings": AreaField(theme, "client.dns.lookup=use_all_dns_ips", lines=3),
    }
    for field in fields(FormValues):
        made.setdefault(field.name, LineField())
    return made


_PROTOCOLS = (
    (Protocol.PLAINTEXT.value, "PLAINTEXT"),
    (Protocol.SSL.value, "TLS"),
    (Protocol.SASL_PLAINTEXT.value, "SASL"),
    (Protocol.SASL_SSL.value, "SASL + TLS"),
)
_TRUSTS = (
    (Trust.SYSTEM.value, "The system's CAs"),
    (Trust.CA_FILE.value, "CA file (PEM)"),
    (Trust.CA_PEM.value, "Pasted PEM"),
    (Trust.TRUSTSTORE.value, "Truststore (PKCS12)"),
)
_WEB_TRUSTS = (
    (WebCas.SYSTEM.value, "The system's CAs"),
    (WebCas.CA_FILE.value, "Also a CA file (PEM)"),
    (WebCas.CA_PEM.value, "Also pasted PEM"),
)
_PROOFS = (
    (Proof.NONE.value, "None"),
    (Proof.FILES.value, "PEM files"),
    (Proof.PEM.value, "Pasted PEM"),
    (Proof.KEYSTORE.value, "Keystore (PKCS12)"),
)
_MECHANISMS = {Mechanism.OAUTHBEARER: "OAUTHBEARER (OIDC)", Mechanism.GSSAPI: "GSSAPI (Kerberos)"}
