"""What the loop's process and the page's process say to each other, on a socket that they share.

From the loop: messages of a header of 8 bytes (two lengths, big-endian), a JSON object, and a JPEG, which may be empty.

    {"hello": ACCESS, "patience_s": S}  the first: who may look (see `web_access`), and how long a viewer may take
    {"number": N, …} and a picture      the state of a frame (see `web_view`), after {"next": true}
    {"answer": ID, "done": TEXT} or {"answer": ID, "refused": TEXT}

From the page: lines of JSON, none longer than `MOST_LINE`. It talks to the network, so nothing that it says is trusted.

    {"alive": true}                 every `ALIVE_S`
    {"next": true}                  a viewer wants a newer frame
    {"ask": ID, "pause": BOOL}  {"ask": ID, "look": ROI}  {"ask": ID, "label": LABEL, "frame": N}
"""

from __future__ import annotations

import json
import struct
from typing import Any

HEADER = struct.Struct("!II")
ALIVE_S = 2.0
MOST_LINE = 2000  # bytes


def pack(told: dict[str, Any], picture: bytes = b"") -> bytes:
    """A message of the loop's process."""
    text = json.dumps(told, separators=(",", ":")).encode()
    return HEADER.pack(len(text), len(picture)) + text + picture
