"""What can go wrong with saved connections and their secrets, on this computer."""

from __future__ import annotations


class ProfileError(Exception):
    """`message` says what happened, `hint` what to do; `kind` and `exit_code` are the command line's."""

    kind = "profile"
    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


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
