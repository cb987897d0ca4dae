"""Variables of the environment that hold secrets: of no use to other programs that this one starts."""

from __future__ import annotations

from collections.abc import Mapping

SECRETS = ("SIGNS_EDGE_SOURCE", "SIGNS_EDGE_WEB_TOKEN")
"""An address with a password, and the token of the page."""


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The other variables."""
    return {name: value for name, value in environ.items() if name not in SECRETS}
