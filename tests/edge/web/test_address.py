"""Where the page is served."""

from __future__ import annotations

import socket

import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.edge.web.address import WebAddress


@pytest.mark.parametrize(
    ("text", "host", "port", "loopback"),
    [
        ("8080", "127.0.0.1", 8080, True),
        ("0", "127.0.0.1", 0, True),
        ("localhost:81", "localhost", 81, True),
        ("127.0.0.2:81", "127.0.0.2", 81, True),
        ("[::1]:81", "::1", 81, True),
        ("0.0.0.0:8080", "0.0.0.0", 8080, False),
        ("[::]:8080", "::", 8080, False),
        (f"{'x' * 63}.local.:1", f"{'x' * 63}.local.", 1, False),
        ("pi.local:65535", "pi.local", 65535, False),
    ],
)
def test_what_is_given(text: str, host: str, port: int, loopback: bool) -> None:
    address = WebAddress.parse(text)

    assert (address.host, address.port, address.is_loopback) == (host, port, loopback)


@pytest.mark.parametrize(
    "text",
    ["", "x", "80 80", ":8080", "host:", "65536", "-1", "a/b:80", "::1:80", "[host]:80", "[1.2.3]:80", "80\n",
     "a..b:0", ".:0", "..:0", f"{'x' * 64}:0", f"pi.{'x' * 64}.local:0"],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UsageError, match=r"--web .* is not allowed.*: give PORT, HOST:PORT") as caught:
        WebAddress.parse(text)
    assert "\n" not in str(caught.value)


def test_a_port_in_use_is_said() -> None:
    with WebAddress.parse("0").listen() as taken:
        port = taken.getsockname()[1]

        with pytest.raises(UsageError, match=rf"--web 127.0.0.1:{port} cannot be served \(Address already in use\)"):
            WebAddress.parse(str(port)).listen()


def test_a_host_of_another_machine_is_said() -> None:
    with pytest.raises(UsageError, match=r"--web 192\.0\.2\.1:0 cannot be served"):
        WebAddress.parse("192.0.2.1:0").listen()
    with pytest.raises(UsageError, match=r"--web nowhere\.invalid:80 cannot be served"):
        WebAddress.parse("nowhere.invalid:80").listen()


def test_all_of_ipv6_is_all_of_ipv4_too() -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    with WebAddress.parse("[::]:0").listen() as listening:
        port = listening.getsockname()[1]
        socket.create_connection(("127.0.0.1", port), 5).close()
        socket.create_connection(("::1", port), 5).close()


def test_the_address_to_open_is_one_of_this_machine() -> None:
    assert WebAddress.parse("8080").at(8080) == "http://127.0.0.1:8080/"
    assert WebAddress.parse("[::1]:0").at(7) == "http://[::1]:7/"
    assert "0.0.0.0" not in WebAddress.parse("0.0.0.0:80").at(80)


def test_names_by_which_it_may_be_asked_for() -> None:
    assert WebAddress.parse("8080").names() == ("127.0.0.1", "localhost")
    own = socket.gethostname().lower()
    assert {own, "localhost", "pi.local"} <= set(WebAddress.parse("Pi.local:8080").names())
