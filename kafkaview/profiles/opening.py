"""Opening a saved connection: its secrets from the keyring, and over them what is given for this run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from kafkaview.profiles.client_settings import connection
from kafkaview.profiles.errors import KeyringUnavailable
from kafkaview.profiles.exporting import settings_of
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.properties import check_overrides, override_options, with_environment
from kafkaview.profiles.required_secrets import find_used_secrets, missing_secrets
from kafkaview.profiles.security import Secrets
from kafkaview.profiles.setting_names import replace_settings

if TYPE_CHECKING:
    from kafkaview.profiles.keyring import Keyring


async def secrets_of(profile: ConnectionProfile, env: Mapping[str, str], keyring: Keyring) -> Secrets:
    """Returns the secrets that the profile logs in with. The keyring is not asked if the profile uses no secret, and
    may be missing if the environment has all of them. Raises KeyringUnavailable.
    """
    from_environment = with_environment(profile, Secrets(), env)
    if from_environment.fields().issuperset(find_used_secrets(profile)):
        return from_environment
    try:
        kept = await keyring.read_all(profile)
    except KeyringUnavailable:
        if missing_secrets(profile, from_environment):
            raise
        return from_environment
    return with_environment(profile, kept, env)


def with_settings(profile: ConnectionProfile, overrides: Mapping[str, str]) -> ConnectionProfile:
    """Returns the profile with single settings replaced, for this run. Raises ValueError with a sentence."""
    check_overrides(overrides)
    if not overrides:
        return profile
    made, _ = connection(replace_settings(settings_of(profile), overrides), profile.name)
    return replace(
        made,
        id=profile.id,
        environment=profile.environment,
        colour=profile.colour,
        saved=profile.saved,
        named_by=(*profile.options, *override_options(overrides)),
    )
