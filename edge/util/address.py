"""Addresses of streams, and how they may be shown: without what is secret in them."""

from __future__ import annotations

import re

_URL = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def is_url(source: str) -> bool:
    """Whether it begins as a URL does, `scheme://`."""
    return bool(_URL.match(source))


def without_password(address: str) -> str:
    """An address as it may be shown and logged: without user name, password and query, each of which may be a secret.

    Masks too much rather than too little: passwords come with an `@`, `/` or `?` that should have been encoded, and
    some cameras want theirs in the path.
    """
    scheme, separator, rest = address.partition("://") if is_url(address) else ("", "", address)
    rest, asked, query = rest.partition("?")
    if "@" in query:
        return f"{scheme}{separator}***"
    _, user, rest = rest.rpartition("@")
    rest = re.sub(r"(?i)((?:pass|pwd|token|key)[a-z]*=)[^&/]*", r"\1***", rest)
    return scheme + separator + ("***@" if user else "") + rest + ("?***" if asked else "")


def scrubbed(text: str, address: str) -> str:
    """A message of a library as one line in which the address and each secret part of it are masked."""
    text = " ".join(text.split()).replace(address, without_password(address))
    _, _, rest = address.partition("://")
    before, found, _ = rest.rpartition("@")
    user, _, password = before.partition(":") if found else ("", "", "")
    _, _, query = rest.partition("?")
    for secret in sorted({password, user, query, *re.findall(r"=([^&/]+)", rest)}, key=len, reverse=True):
        if len(secret) > 1:
            text = text.replace(secret, "***")
    return text
