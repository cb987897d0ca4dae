"""Where the page of a run is served: `--web [HOST:]PORT`, and the socket that listens there."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from dataclasses import dataclass

from signs_edge.edge.errors import UsageError

LOOPBACK = "127.0.0.1"
_BACKLOG = 128  # connections that wait to be taken, also while the server is started again
_FORM = "give PORT, HOST:PORT or [IPv6]:PORT, such as 8080 or 0.0.0.0:8080"


@dataclass(frozen=True)
class WebAddress:
    """Where the page is served.

    Attributes:
        host: a name or an IP address, without brackets.
        port: 0 to 65535; 0: one that is free.
    """

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> WebAddress:
        """Of `[HOST:]PORT`; without a host, the loopback address.

        Raises:
            UsageError: it is none.
        """
        match = re.fullmatch(r"(?:(?:\[([0-9a-fA-F:.]{2,45})\]|([A-Za-z0-9._-]{1,253})):)?([0-9]{1,5})", text)
        if match is None or int(match[3]) > 65535:
            raise UsageError(f"--web {text!r} is not allowed: {_FORM}")
        if match[1] is not None and not _is_ip(match[1]):
            raise UsageError(f"--web {text!r} is not allowed, {match[1]} is no IPv6 address: {_FORM}")
        if match[2] is not None and not all(1 <= len(part) <= 63 for part in match[2].removesuffix(".").split(".")):
            raise UsageError(f"--web {text!r} is not allowed, a host's parts have 1 to 63 characters: {_FORM}")
        return cls(match[1] or match[2] or LOOPBACK, int(match[3]))

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host == "localhost" or (_is_ip(self.host) and ipaddress.ip_address(self.host).is_loopback)

    def listen(self) -> socket.socket:
        """A socket that takes connections there; `[::]` takes IPv4 too.

        Raises:
            UsageError: the port is in use, not allowed, or the host is not of this machine.
        """
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            family, kind, protocol, _, place = found[0]
            listening = socket.socket(family, kind, protocol)
        except OSError as error:
            raise UsageError(
                f"--web {self} cannot be served ({error.strerror}): give an address of this machine"
            ) from None
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # or the next run has to wait a minute
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listening.bind(place)
            listening.listen(_BACKLOG)
        except OSError as error:
            listening.close()
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise UsageError(
                f"--web {self} cannot be served ({reason}): give another port, or 0 for a free one"
            ) from None
        return listening

    def at(self, port: int) -> str:
        """The address to open, `http://HOST:PORT/`, once the port is known; where all are served, one of this machine's."""
        host = self.host
        if _is_ip(host) and ipaddress.ip_address(host).is_unspecified:
            host = _own_address()
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    def names(self) -> tuple[str, ...]:
        """Host names by which a browser may ask for the page, beside IP addresses; all in lower case."""
        names = {"localhost", self.host.lower()}
        if not self.is_loopback:
            own = socket.gethostname().lower()
            names |= {own, own.partition(".")[0], f"{own.partition('.')[0]}.local"}
        return tuple(sorted(names))

    def __str__(self) -> str:
        """As it is given."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _own_address() -> str:
    """The address that others see; nothing is sent to find it out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # of a block kept for documentation (RFC 5737)
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()
