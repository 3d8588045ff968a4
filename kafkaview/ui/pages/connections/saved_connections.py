"""The saved connections, for every window. An engine reads and writes them and their secrets; secrets that are typed
for one run stay here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import aclosing
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from kafkaview.doctor.diagnosis import Diagnosis, DiagnosisStep
from kafkaview.engine.port import Engine
from kafkaview.profiles.errors import KeyringUnavailable
from kafkaview.profiles.last_read import Shelf
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import SecretField, Secrets
from kafkaview.ui.pages.connections.secret_field import Kept


class Book(QObject):
    """The list of saved connections of the whole program. It asks any running engine. `changed` is emitted when the
    list has changed.
    """

    changed = Signal()

    def __init__(self, engine: Callable[[], Engine]) -> None:
        super().__init__()
        self._engine = engine
        self._of_this_run: dict[str, Secrets] = {}
        self._shelf = Shelf()
        self.no_kerberos: str | None = None

    @property
    def engine(self) -> Engine:
        """The engine that is asked now."""
        return self._engine()

    @property
    def profiles(self) -> tuple[ConnectionProfile, ...]:
        """The saved connections in the user's order."""
        return self._shelf.profiles

    @property
    def last(self) -> str:
        """The id of the profile that was used last."""
        return self._shelf.last_used

    @property
    def note(self) -> str:
        """What is damaged in the list or cannot be read."""
        return self._shelf.note

    async def load(self) -> None:
        """Reads the list; `note` says what is damaged."""
        self._show(await self.engine.shelf())

    async def find_kerberos(self) -> None:
        """Looks once whether this machine has GSSAPI; `no_kerberos` says why not."""
        if self.no_kerberos is None:
            self.no_kerberos = await self.engine.kerberos_problem()
            self.changed.emit()

    async def save(
        self, profile: ConnectionProfile, typed: Mapping[SecretField, str], only_now: Collection[SecretField] = ()
    ) -> ConnectionProfile:
        """Saves a profile, then its secrets; those that are `only_now` stay in memory."""
        for name in only_now:
            if name in typed:
                self._of_this_run[profile.id] = self._secrets_of_this_run(profile).with_secret(name, typed[name])
        kept = {name: value for name, value in typed.items() if name not in only_now}
        try:
            saved, shelf = await self.engine.save(profile, Secrets(kept))
        except KeyringUnavailable:
            await self.load()  # the profile itself is saved
            raise
        self._drop(profile, kept)
        self._show(shelf)
        return saved

    async def remove(self, profile: ConnectionProfile) -> None:
        """Deletes a profile with its keyring entries. If there is no keyring, it deletes the profile alone."""
        self._of_this_run.pop(profile.id, None)
        shelf, refused = await self.engine.remove(profile)
        self._show(shelf)
        if refused:
            raise KeyringUnavailable(
                f"{profile.name} is deleted; whether the keyring still holds its secrets is unknown.", refused
            )

    async def duplicate(self, profile: ConnectionProfile) -> tuple[ConnectionProfile, str]:
        """Copies a profile with its secrets; returns also a warning if the keyring does not give them."""
        copy, shelf, refused = await self.engine.duplicate(profile)
        self._of_this_run[copy.id] = self._secrets_of_this_run(profile)
        self._show(shelf)
        return copy, f"{refused} What it would hold of {profile.name} is not copied." if refused else ""

    async def move(self, profile: ConnectionProfile, to: int) -> None:
        """Moves a profile to another place in the list."""
        if 0 <= to < len(self.profiles):
            self._show(await self.engine.move(profile, to))

    async def note_use(self, profile: ConnectionProfile) -> None:
        """Notes that a profile was connected to."""
        if profile.saved:
            self._show(await self.engine.note_use(profile))

    async def import_file(self, path: Path) -> tuple[ConnectionProfile, str]:
        """Imports a client.properties file as a new profile, its secrets into the keyring; returns also what to say."""
        saved, secrets, shelf, refused, left_out = await self.engine.import_file(path)
        if refused:
            self._of_this_run[saved.id] = secrets
        self._show(shelf)
        still = f"{path.name} still holds them in plain text"
        if not secrets.fields():
            kept = "It held no secret."
        elif refused:
            kept = f"{refused} Its secrets are known for this run only. {still}: keep it until a keyring takes them."
        else:
            kept = f"Its secrets are in the keyring now. {still}: delete them there."
        return saved, " ".join((kept, *(f"Not taken over: {sentence}" for sentence in left_out)))

    def typed_secrets(self, profile: ConnectionProfile, now: Mapping[SecretField, str] | None = None) -> Secrets:
        """Returns the secrets that were typed for a profile: `now` before those typed earlier in this run. Secrets in
        the keyring are read by the engine.
        """
        return Secrets({**_secret_values(self._secrets_of_this_run(profile)), **_secret_values(Secrets(now or {}))})

    async def diagnose(
        self, profile: ConnectionProfile, typed: Secrets, report: Callable[[DiagnosisStep], None]
    ) -> Diagnosis:
        """Lets the doctor examine a connection, saved or not; `report` gets each step."""
        async with aclosing(self.engine.diagnose(profile, typed)) as steps:
            async for step in steps:
                if isinstance(step, Diagnosis):
                    return step
                report(step)
        raise AssertionError("the doctor ends with a diagnosis")

    async def find_secrets(self, profile: ConnectionProfile) -> tuple[dict[SecretField, Kept], str]:
        """Returns where each secret of a profile is kept, and why no keyring works, if none does."""
        found, refused = await self.engine.find_secrets(profile)
        held = dict.fromkeys(self._secrets_of_this_run(profile).fields(), Kept.THIS_RUN)
        return {**dict.fromkeys(found, Kept.KEYRING), **held}, refused

    async def forget(self, profile: ConnectionProfile, name: SecretField) -> None:
        """Deletes one secret wherever it is kept."""
        self._drop(profile, {name: ""})
        await self.engine.forget_secret(profile, name)

    def hold(self, profile: ConnectionProfile, secrets: Secrets) -> None:
        """Keeps secrets for this run: those of a file or of the environment."""
        if secrets.fields():
            self._of_this_run[profile.id] = secrets

    def names_of_others(self, profile: ConnectionProfile) -> frozenset[str]:
        """Returns the names of the other profiles."""
        return frozenset(one.name for one in self.profiles if one.id != profile.id)

    def _show(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self.changed.emit()

    def _secrets_of_this_run(self, profile: ConnectionProfile) -> Secrets:
        return self._of_this_run.get(profile.id, Secrets())

    def _drop(self, profile: ConnectionProfile, names: Collection[SecretField]) -> None:
        left = {
            name: value
            for name, value in _secret_values(self._secrets_of_this_run(profile)).items()
            if name not in names
        }
        self._of_this_run[profile.id] = Secrets(left)


def _secret_values(secrets: Secrets) -> dict[SecretField, str]:
    return {name: secrets.get(name) or "" for name in secrets.fields()}
