"""Where a webhook may be sent: URLs as customers give them, and the addresses that their names resolve to.

A name can resolve to anything at any time. So the URL is checked when it is given, every address when it is about to be
connected to, and the checked address is the one connected to.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address

MOST_URL_CHARACTERS: Final = 2048
DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_URL_CHARACTERS: Final = re.compile(r"[!$&'()*+,\-./0-9:;=?@A-Z_a-z~%\[\]]+", re.ASCII)
_NAME: Final = re.compile(
    r"(?=.{1,253}$)([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?"
)
_LOCAL_NAMES: Final = (".localhost", ".local", ".internal")

# What `is_global` lets through, or has let through in one version of Python or another. Multicast and the benchmarking,
# protocol and relay blocks of IPv4; in IPv6 nothing but global unicast, and of that nothing that embeds an IPv4 address
# (6to4; Teredo lies in 2001::/23) or serves protocols and documentation. IPv4-mapped and NAT64 addresses lie outside.
_REFUSED_4: Final = tuple(
    map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"))
)
_UNICAST_6: Final = ip_network("2000::/3")
_REFUSED_6: Final = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))


class Target(NamedTuple):
    """A URL taken apart: `path` has the query, `host` no brackets."""

    scheme: str
    host: str
    port: int
    path: str


def parse_target(url: str, *, allow_loopback: bool) -> Target:
    """A customer's URL: https, or with `allow_loopback` http too, to a public host by all that the URL itself tells.

    Raises:
        ValueError: it cannot be sent to, and why.
    """
    if len(url) > MOST_URL_CHARACTERS:
        raise ValueError(f"must have at most {MOST_URL_CHARACTERS} characters")
    if not _URL_CHARACTERS.fullmatch(url):
        raise ValueError("must be a URL of printable ASCII characters without a fragment")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("must be a URL with a valid host and port") from None
    _check_parts(parts, port, allow_loopback=allow_loopback)
    host = parts.hostname or ""
    _check_host(host, allow_loopback=allow_loopback)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], path)


def _check_parts(parts: SplitResult, port: int | None, *, allow_loopback: bool) -> None:
    if parts.scheme != "https" and not (allow_loopback and parts.scheme == "http"):
        raise ValueError("must begin with https://")
    if "@" in parts.netloc:
        raise ValueError("must not contain a user name or password")
    if port == 0:
        raise ValueError("must not name port 0")


def _check_host(host: str, *, allow_loopback: bool) -> None:
    try:
        address = ip_address(host)
    except ValueError:
        _check_name(host, allow_loopback=allow_loopback)
        return
    reason = refusal_of(address, allow_loopback=allow_loopback)
    if reason:
        raise ValueError(reason)


def _check_name(host: str, *, allow_loopback: bool) -> None:
    # The last label of a name begins with a letter, so that no resolver reads it as a number: 0x7f.1 is 127.0.0.1.
    if not _NAME.fullmatch(host):
        raise ValueError("must name a host, in ASCII (an international name in its xn-- form)")
    public = "." in host and not host.endswith(_LOCAL_NAMES)
    if not public and not (allow_loopback and host == "localhost"):
        raise ValueError("must name a public host")


def refusal_of(address: Address, *, allow_loopback: bool) -> str | None:
    """Why nothing is sent to an address; None: it is public, or loopback where that is allowed."""
    if address.is_loopback and allow_loopback:
        return None
    public = _is_public_4(address) if isinstance(address, IPv4Address) else _is_public_6(address)
    return None if public else f"{address} is not a public address"


def _is_public_4(address: IPv4Address) -> bool:
    return address.is_global and not any(address in network for network in _REFUSED_4)


def _is_public_6(address: IPv6Address) -> bool:
    unicast = address.is_global and address in _UNICAST_6 and address.scope_id is None
    return unicast and not any(address in network for network in _REFUSED_6)
