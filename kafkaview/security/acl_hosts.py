"""Where a request comes from, held against the host of an ACL: brokers compare addresses, never names.

An address has to be spelled as Java does (`InetAddress.getHostAddress`): `0:0:0:0:0:0:0:1` and not `::1`. From Kafka
4.4 on a range as `10.0.0.0/8` counts too (CidrUtils.java; metadata.version 4.4-IV1); to older ones it fits nobody.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.security import ANY_HOST

_FIRST_RELEASE: Final = (4, 4)
_RANGE: Final = re.compile(r"[^/]+/\d{1,3}", re.ASCII)


def spell_host(address: str) -> str | None:
    """Returns an address as a broker spells it; None if it is no address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return None
    if not isinstance(ip, IPv6Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    zone = f"%{ip.scope_id}" if ip.scope_id else ""
    return ":".join(f"{int(part, 16):x}" for part in ip.exploded.partition("%")[0].split(":")) + zone


def is_range(host: str) -> bool:
    """Returns whether an ACL's host is a range of addresses."""
    return "/" in host


async def knows_ranges(cluster: Cluster) -> bool | None:
    """Returns whether the brokers' release knows ranges. None if their features are finalized at a release before 4.4:
    the brokers may run a newer one.
    """
    info = await cluster.describe()
    if info.mode == "ZooKeeper":
        return False
    release = tuple(int(part) for part in (info.version or "0").split("."))
    return True if release >= _FIRST_RELEASE else None


def covers(host: str, address: str | None) -> bool:
    """Returns whether an ACL's host is that address, any host, or a range that holds it. None is an address that no ACL
    names.
    """
    if host == ANY_HOST:
        return True
    if address is None:
        return False
    return _within(host, address) if is_range(host) else host == spell_host(address)


def _within(host: str, address: str) -> bool:
    if _RANGE.fullmatch(host) is None:
        return False
    try:
        return ip_address(spell_host(address) or address) in ip_network(host, strict=False)
    except ValueError:
        return False
