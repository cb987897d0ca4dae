"""Who may look at the page of a run and what may be asked of it: token, Host, Origin and size, before anything is done.

A page of another site must not reach this one: not by a name that resolves here (DNS rebinding: the Host header), not by
a form or a script (CSRF: Origin and content type), not as a picture within it (Sec-Fetch-Site, and the answers' headers).
"""

from __future__ import annotations

import hmac
import ipaddress
import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from signs_edge.edge.errors import UsageError

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BODY, MOST_TARGET, MOST_HEAD = 1000, 1000, 16_384  # bytes of a body, of a path with its query, of all headers
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}", re.ASCII)
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
SECURITY_HEADERS = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
"""Of every answer."""


def make_token() -> str:
    """A new token that cannot be guessed."""
    return secrets.token_urlsafe(24)


def checked_token(token: str) -> str:
    """The token, where it is one; UsageError where it is short or has other characters. It is not quoted: it is secret."""
    if not _TOKEN.fullmatch(token):
        raise UsageError(
            "--web-token is not allowed: give 16 to 128 letters, digits, - or _, or leave it out to get one"
        )
    return token


class Refusal(Exception):  # noqa: N818 (an answer, not a mistake of the program)
    """A request that is not answered, and why."""

    def __init__(self, status: int, why: str) -> None:
        """With the HTTP status, and a sentence for people."""
        super().__init__(why)
        self.status, self.why = status, why


@dataclass(frozen=True)
class Access:
    """Who may look.

    Attributes:
        names: host names that are this machine's, in lower case.
        loopback: whether only loopback addresses are; else any IP address is, for no name can be made to point at it.
        token: what must be known; None: nothing.
        cookie: the name of the cookie that keeps the token.
    """

    names: tuple[str, ...]
    loopback: bool
    token: str | None = field(default=None, repr=False)
    cookie: str = "signs-edge"

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object, the token among them."""
        return {"names": list(self.names), "loopback": self.loopback, "token": self.token, "cookie": self.cookie}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Access:
        """Of such values."""
        return cls(tuple(told["names"]), told["loopback"], told["token"], told["cookie"])

    def check_host(self, host: str) -> None:
        """Refuse a Host header that names another machine; the port may be that of a tunnel."""
        match = re.fullmatch(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]{1,5})?", host.lower())
        if match is not None:
            name = match[1] or match[2]
            try:
                address = ipaddress.ip_address(name)
            except ValueError:
                if match[2] is not None and name in self.names:
                    return
            else:
                if not self.loopback or address.is_loopback:
                    return
        raise Refusal(421, "This host name is not served here. Open the address that the command printed.")

    def check_origin(self, method: str, origin: str, host: str, content_type: str) -> None:
        """Refuse a POST that does not come from this page's own script."""
        if method != "POST":
            return
        if origin.lower() != f"http://{host}".lower():
            raise Refusal(403, "Requests from other pages are not obeyed.")
        if content_type.partition(";")[0].strip().lower() != "application/json":
            raise Refusal(415, "Send application/json.")

    def knows(self, token: str | None) -> bool:
        """Whether this is the token."""
        if self.token is None:
            return True
        return token is not None and hmac.compare_digest(token.encode(), self.token.encode())

    def token_of(self, headers: dict[str, str]) -> str | None:
        """What a request's headers show: a cookie, or `Authorization: Bearer TOKEN`."""
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return bearer.strip()
        # By hand, for SimpleCookie stops at the first that it cannot read, and those of other ports come along.
        for part in headers.get("cookie", "").split(";"):
            name, _, value = part.strip().partition("=")
            if name == self.cookie:
                return value
        return None

    def set_cookie(self) -> str:
        """The header that makes a browser keep the token until it is closed, out of reach of scripts and other sites."""
        return f"{self.cookie}={self.token}; HttpOnly; SameSite=Strict; Path=/"


class Guard:
    """Stands before an ASGI app: answers what is refused itself, and puts the security headers on all answers."""

    def __init__(self, app: App, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return

        async def headed(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *SECURITY_HEADERS]
            await send(message)

        try:
            headers = _single_headers(scope["headers"])
            moved = self._checked(scope, headers)
            if moved is not None:
                await _answer(headed, 303, "", [(b"location", b"/"), (b"set-cookie", moved.encode())])
                return
            body = await _whole_body(receive, headers) if scope["method"] == "POST" else b""
        except Refusal as refused:
            await _answer(headed, refused.status, refused.why, [(b"connection", b"close")])
            return
        scope["body"] = body
        await self._app(scope, receive, headed)

    def _checked(self, scope: Scope, headers: dict[str, str]) -> str | None:
        """Refuse what may not be; a Set-Cookie header where the token stands in the address, from which it is to go."""
        access, method, query = self._access, scope["method"], scope["query_string"]
        if len(scope.get("raw_path") or b"") + len(query) > MOST_TARGET:
            raise Refusal(414, "The address is too long.")
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEAD:
            raise Refusal(431, "The headers are too large.")
        access.check_host(headers.get("host", ""))
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and (
            method != "GET" or headers.get("sec-fetch-mode") != "navigate"
        ):
            raise Refusal(403, "Requests from other pages are not answered.")
        access.check_origin(method, headers.get("origin", ""), headers.get("host", ""), headers.get("content-type", ""))
        if access.token is not None and method == "GET" and scope["path"] == "/":
            given = (
                parse_qs(query.decode("latin-1"), max_num_fields=10).get("token") if query.count(b"&") < 10 else None
            )
            if given:
                if not access.knows(given[0]):
                    raise Refusal(401, "This is not the token. Open the address that the command printed.")
                return access.set_cookie()
        if not access.knows(access.token_of(headers)):
            raise Refusal(401, "A token is needed. Open the address that the command printed.")
        return None


def _single_headers(pairs: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by name; those that decide must not come twice, for then it is not clear which of them counts."""
    headers: dict[str, str] = {}
    for raw, value in pairs:
        name = raw.decode("latin-1").lower()
        if name in headers and name in ("host", "origin", "content-type", "authorization"):
            raise Refusal(400, f"More than one {name} header.")
        headers[name] = value.decode("latin-1")
    return headers


async def _whole_body(receive: Receive, headers: dict[str, str]) -> bytes:
    """All of a small body; a large one is refused as soon as it is known to be."""
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit() or len(length) > 9 or int(length) > MOST_BODY:
        raise Refusal(413, "The request is too large.")
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise Refusal(400, "The request did not come to its end.")
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST_BODY:
            raise Refusal(413, "The request is too large.")
    return body


async def _answer(send: Send, status: int, text: str, headers: list[tuple[bytes, bytes]]) -> None:
    """A short answer for people."""
    kind, body = b"text/plain; charset=utf-8", f"{text}\n".encode() if text else b""
    if status == 401:  # a browser led here from another site shows its cookie only on a step from this one
        kind = b"text/html; charset=utf-8"
        body = (
            f'<!doctype html><html lang="en"><title>signs-edge</title><p>{text}<p><a href="/">Try again</a>\n'.encode()
        )
    described = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": described + headers})
    await send({"type": "http.response.body", "body": body})
