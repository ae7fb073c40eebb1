# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which places on the network may be reached. Pure.

A URL that came out of data was chosen by a stranger: it must not make this machine knock at
its own doors or at its neighbours'. What an operator wrote into a command is his own choice.
"""

import re
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias

from vcred.errors import RefusedError, UsageError
from vcred.limits import MAX_URI_CHARACTERS
from vcred.reasons import Reason

IpAddress: TypeAlias = IPv4Address | IPv6Address

# One spelling each, so that no two parsers can read two hosts out of one URL: ASCII only, no user
# name, no backslash, no fragment.
_URL: Final = re.compile(
    r"(https?)://([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::([1-9][0-9]{0,4}))?"
    r"(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?",
    re.ASCII,
)
_LABEL: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)
_MAX_PORT: Final = 65_535
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}

# Not "is_global": Python 3.11 calls a NAT64 form of loopback, 6to4 and multicast global.
_DENIED_4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
_UNICAST_6: Final = IPv6Network("2000::/3")
_DENIED_6: Final = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))
_NAT64: Final = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A URL taken apart.

    Attributes:
        scheme: "https" or "http".
        host: A name in lower case, or an address without brackets.
        port: 1 to 65,535.
        path: What follows, empty or from the first slash on.
        query: Empty, or from its question mark on.
    """

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @property
    def authority(self) -> str:
        """Host and port as the header `Host` has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def address(self) -> IpAddress | None:
        """The address, if the host is one."""
        try:
            return ip_address(self.host)
        except ValueError:
            return None

    @property
    def is_loopback(self) -> bool:
        """Whether the host names this machine, by its reserved name or by address."""
        address = self.address
        return self.host == "localhost" if address is None else address.is_loopback


def parse_configured(url: str) -> Place:
    """Read a URL that the operator has given. It may name any machine, his own network's too.

    Raises:
        UsageError: Not such a URL, or neither https nor on this very machine.
    """
    place = _parse(url)
    if place is None or place.query:
        raise UsageError("not a URL of a server", hint='write it as "https://ledger.example"')
    if place.scheme != "https" and not place.is_loopback:
        raise UsageError(
            f"{place.authority} is not on this machine, and http is not protected", hint="use https://"
        )
    return replace(place, path=place.path.rstrip("/"))


def parse_from_data(url: str) -> Place:
    """Read a URL that came out of data, by a stranger's choice.

    A name passes here; what it resolves to is held against `is_denied` before it is reached.

    Raises:
        RefusedError: `address_refused`: not https, spelt in another than the plain way, or it
            names a machine that no stranger may point at (threats: DID-01, DID-02).
    """
    place = _parse(url)
    if place is None or place.scheme != "https":
        raise refused()
    if place.address is None:
        if "." not in place.host or place.host.endswith(".localhost"):
            raise refused()
    elif is_denied(place.address):
        raise refused()
    return place


def is_denied(address: IpAddress) -> bool:
    """Tell whether an address is one that a stranger's URL may not lead to."""
    if isinstance(address, IPv4Address):
        return any(address in network for network in _DENIED_4)
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address in _NAT64:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is not None:
        return is_denied(inner)
    return address not in _UNICAST_6 or any(address in network for network in _DENIED_6)


def refused() -> RefusedError:
    """Say that the address is refused, and not which: a stranger learns nothing of this network."""
    return RefusedError(Reason.ADDRESS_REFUSED, "the URL leads to an address that is not for strangers")


def _parse(url: str) -> Place | None:
    match = _URL.fullmatch(url) if len(url) <= MAX_URI_CHARACTERS else None
    if match is None:
        return None
    scheme, host, port, path, query = match[1], match[2].lower(), match[3], match[4] or "", match[5] or ""
    name = host.strip("[]")
    if not _is_host(name, in_brackets=host.startswith("[")):
        return None
    number = int(port) if port else _DEFAULT_PORTS[scheme]
    if number > _MAX_PORT:
        return None
    return Place(scheme=scheme, host=name, port=number, path=path, query=query)


def _is_host(name: str, *, in_brackets: bool) -> bool:
    labels = name.split(".")
    if not in_brackets and not labels[-1][:1].isdigit():
        return all(_LABEL.fullmatch(label) for label in labels)
    # A last label that begins with a digit is an address, and then in its one canonical form: resolvers
    # take 127.1, 0x7f000001 and 2130706433 for loopback.
    try:
        return isinstance(ip_address(name), IPv6Address) is in_brackets
    except ValueError:
        return False
