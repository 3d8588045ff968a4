"""What can go wrong with saved connections and their secrets, on this computer."""

from __future__ import annotations

from kafkaview.failure import Failure


class ProfileError(Failure):
    """An error of this computer's own files or of its keyring; no broker was asked."""

    kind = "profile"


class UnknownProfile(ProfileError):
    """No connection of this name is saved."""

    kind = "unknown_profile"
    exit_code = 2


class ProfileNotKept(ProfileError):
    """A connection that may not be saved as it is: its name is taken or empty, or a secret stands in it."""

    kind = "usage"
    exit_code = 2


class StoreUnavailable(ProfileError):
    """The file of the saved connections cannot be read or written, or a later release wrote it."""

    kind = "profiles_file"


class KeyringUnavailable(ProfileError):
    """No keyring of the operating system serves: there is none, it is locked, or it does not answer."""

    kind = "keyring_unavailable"
    exit_code = 3
