"""The names that Kafka's protocol can carry: of groups, topics, users, principals, resources."""

from __future__ import annotations

from typing import Final

from kafkaview.cluster.errors import RefusedHere

_MOST_BYTES: Final = 32_767  # the length of a string is a signed number of two bytes


def name_problem(what: str, name: str) -> RefusedHere | None:
    """Returns why a name cannot be sent, None if it can. A broker closes the connection on a name that is too long, so
    all other answers on that connection are lost too.
    """
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return RefusedHere(
            f"{what} {name} has bytes that are not UTF-8: Kafka's protocol has text alone",
            "Check the name, and the encoding of the terminal or the file that it comes from.",
        )
    if size > _MOST_BYTES:
        return RefusedHere(
            f"{what} of {size:,} bytes is too long: Kafka's protocol takes {_MOST_BYTES:,} at most", "Check the name."
        )
    return None


def check_name(what: str, name: str) -> None:
    """Raises RefusedHere for a name that cannot be sent."""
    problem = name_problem(what, name)
    if problem is not None:
        raise problem
