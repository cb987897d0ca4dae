"""A copy of a file somewhere else: its address, and its bytes from an offset on.

Only this module knows urllib. Whatever goes wrong with the other side leaves it as an `AnswerError`, so that an
`OSError` in the caller can only mean the disk.
"""

from __future__ import annotations

import re
import socket
import ssl
import urllib.request as web
from dataclasses import dataclass
from enum import Enum
from http.client import HTTPException, HTTPResponse, InvalidURL
from io import BufferedReader
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit, urlunsplit

from signs_edge.edge.errors import DataError

_SCHEMES = ("http", "https", "file")
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP statuses that may be gone a moment later."""
_CHUNK = 1 << 16


class Fault(Enum):
    """What an error says about the next request."""

    PASSING = "the same request may do better"
    LASTING = "no further request will help"
    RANGE = "ask for all of it, not for a part"
    BEYOND = "there is nothing beyond the offset"


class AnswerError(Exception):
    """The other side did not give what it was asked for; the text is a reason within one line."""

    def __init__(self, fault: Fault, reason: str) -> None:
        super().__init__(reason)
        self.fault = fault


@dataclass(frozen=True)
class Answer:
    """An open answer; a context manager that closes it.

    Attributes:
        start: offset of its first byte in the file, bytes; 0 where the other side ignored the one asked for.
        total: size of the whole file, bytes; `None` where the other side does not say.
        timeout: how long to wait for the next byte, seconds.
    """

    start: int
    total: int | None
    timeout: float
    stream: HTTPResponse | BufferedReader

    def read(self) -> bytes:
        """Give what has arrived, at most 64 KiB; empty at the end, be it the right one or not.

        Raises:
            AnswerError: nothing came for `timeout` seconds, or the connection broke.
        """
        try:
            # read1, not read: read waits for a full buffer, and loses it when the wait is too long
            return self.stream.read1(_CHUNK)
        except (OSError, HTTPException) as error:
            raise AnswerError(Fault.PASSING, _reason(error, self.timeout)) from error

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()


def address_of(name: str, url: str) -> str:
    """Give the address of the file `name` in the folder at `url`; a query (`?raw=true`) stays at the end.

    Raises:
        DataError: `url` is not an http, https or file address.
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # raises if it is no number, or too large a one
    except ValueError as error:
        raise DataError(f"--url is no address ({error}). Received: {url!r}. Allowed: {_allowed()}") from error
    if parts.scheme not in _SCHEMES or (parts.scheme != "file" and not parts.hostname):
        raise DataError(f"--url is no address of a folder. Received: {url!r}. Allowed: {_allowed()}")
    if parts.username is not None:
        raise DataError("--url holds a user name, which is not supported. Give an address without one.")
    if parts.scheme == "file" and parts.netloc not in ("", "localhost"):
        raise DataError(f"--url names a file on another machine. Received: {url!r}. Allowed: file:///path/to/folder/")
    # urllib wants ASCII; what is escaped already stays so
    path = quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~") + "/" + quote(name)
    return urlunsplit((parts.scheme, parts.netloc, path, quote(parts.query, safe="/%:@!$&'()*+,;=~?"), ""))


def open_answer(address: str, offset: int, timeout: float) -> Answer:
    """Ask for the bytes from `offset` on. The answer may start at 0 all the same.

    Raises:
        AnswerError: there is none, or it is not one that can be used.
    """
    if address.startswith("file:"):
        return _open_file(address, offset, timeout)
    request = web.Request(address, headers={"User-Agent": "signs-edge"})
    if offset:
        request.add_header("Range", f"bytes={offset}-")
    try:
        response: HTTPResponse = _opener().open(request, timeout=timeout)
    except HTTPError as error:
        error.close()
        if error.code == 416 and offset:
            raise AnswerError(Fault.BEYOND, f"the server has nothing beyond byte {offset}") from error
        fault = Fault.PASSING if error.code in _BUSY else Fault.LASTING
        raise AnswerError(fault, f"the server answered {error.code}") from error
    except (InvalidURL, ValueError) as error:
        raise AnswerError(Fault.LASTING, "it is not an address that can be asked") from error
    except (OSError, HTTPException) as error:
        cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, OSError) else error
        # URLError itself: a redirect to what is no http; the rest are clear words from below it
        clear = (URLError, socket.gaierror, ConnectionRefusedError, ssl.SSLCertVerificationError)
        fault = Fault.LASTING if isinstance(cause, clear) else Fault.PASSING
        raise AnswerError(fault, _reason(cause, timeout)) from error
    try:
        start, total = _extent(response, offset)
    except AnswerError:
        response.close()
        raise
    return Answer(start, total, timeout, response)


def _opener() -> web.OpenerDirector:
    """Build urllib's opener without FTP, data: and file:, where a redirect must not lead."""
    opener = web.OpenerDirector()
    for handler in (
        web.ProxyHandler(),
        web.UnknownHandler(),
        web.HTTPHandler(),
        web.HTTPSHandler(),
        web.HTTPDefaultErrorHandler(),
        web.HTTPRedirectHandler(),
        web.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _extent(response: HTTPResponse, offset: int) -> tuple[int, int | None]:
    """Give an answer's first offset and the size of the whole, both in bytes.

    Raises:
        AnswerError: it is not the whole, nor the part asked for.
    """
    if response.status == 200:
        return 0, response.length
    if response.status != 206:
        raise AnswerError(Fault.LASTING, f"the server answered {response.status}")
    said = re.fullmatch(r"bytes ([0-9]{1,15})-[0-9]{1,15}/(\*|[0-9]{1,15})", response.headers.get("Content-Range", ""))
    if said is None or int(said[1]) not in (0, offset):
        raise AnswerError(Fault.RANGE, f"the server sent another part of it than the one from byte {offset} on")
    start = int(said[1])
    if said[2] != "*":
        return start, int(said[2])
    return start, None if response.length is None else start + response.length


def _open_file(address: str, offset: int, timeout: float) -> Answer:
    path = Path(web.url2pathname(urlsplit(address).path))
    try:
        if not path.is_file():  # a named pipe would keep us waiting for ever
            raise AnswerError(Fault.LASTING, "there is no such file")
        total = path.stat().st_size
        stream = path.open("rb")
    except OSError as error:
        raise AnswerError(Fault.LASTING, _reason(error, timeout)) from error
    start = offset if offset <= total else 0
    stream.seek(start)
    return Answer(start, total, timeout, stream)


def _allowed() -> str:
    return f"a folder with the scheme {', '.join(_SCHEMES)}, such as file:///path/to/folder/"


def _reason(error: Exception, timeout: float) -> str:
    """Put an error into words, and none that the other side chose: those may hold anything."""
    match error:
        case TimeoutError():
            return f"nothing came for {timeout:g} s"
        case socket.gaierror():
            return "the host is not known, or this machine is offline"
        case ssl.SSLCertVerificationError():
            return "the server's certificate is not trusted"
        case ConnectionRefusedError():
            return "the host refused the connection"
        case URLError():
            return "it led to an address that is neither http nor https"
        case OSError(strerror=str(text)):
            return text
        case _:
            return f"the connection broke ({type(error).__name__})"
