"""The page as an app, without a network: what is answered, and what is refused before anything is done."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httpx2", reason="httpx2 is not installed")
from starlette.testclient import TestClient

from signs_edge.edge.errors import UsageError
from signs_edge.edge.web.access import Access, checked_token, make_token
from signs_edge.edge.web.server.app import make_app
from signs_edge.edge.web.server.feed import Shown

HERE = "http://127.0.0.1:8080"
TOKEN = "a-token-of-sixteen-or-more"
WEB = Path(__file__).parents[4] / "edge" / "web" / "server" / "static"
POSTS = {"/pause": {"paused": True}, "/look": {"roi": "auto"}, "/label": {"frame": 3, "label": "2"}}


class OneFrame:
    """A feed of one frame, number 7; commands are noted."""

    def __init__(self) -> None:
        self.number = 6
        self.picture = b"\xff\xd8a picture"
        self.told: list[dict[str, Any]] = []
        self.answer = {"done": "so be it"}

    async def newer(self, after: int | None, _wait_s: float) -> Shown | None:
        return None if after == 7 else Shown(7, '{"number":7,"count":3}', self.picture, 0.0)

    async def command(self, told: dict[str, Any]) -> dict[str, Any]:
        self.told.append(told)
        return self.answer


@pytest.fixture
def feed() -> OneFrame:
    return OneFrame()


def client_of(feed: OneFrame, token: str | None = None, loopback: bool = True) -> TestClient:
    access = Access(("localhost", "pi.local"), loopback, token, "signs-edge-8080")
    return TestClient(make_app(feed, access), base_url=HERE, follow_redirects=False)  # type: ignore[arg-type]


@pytest.fixture
def page(feed: OneFrame) -> TestClient:
    return client_of(feed)


def post(page: TestClient, path: str, **others: Any):
    given = {"json": POSTS[path], "headers": {"Origin": HERE}} | others
    return page.post(path, **given)


@pytest.mark.parametrize(
    "path", ["/", "/page.css", "/page.js", "/picture.js", "/icon.svg", "/frame", "/state", "/nothing"]
)
def test_every_answer_carries_the_security_headers(page: TestClient, path: str) -> None:
    headers = page.get(path).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


def test_the_page_asks_for_nothing_but_its_own_files() -> None:
    texts = {file.name: file.read_text(encoding="utf-8") for file in WEB.iterdir()}

    assert set(texts) == {"index.html", "page.css", "page.js", "picture.js", "icon.svg"}
    for name, text in texts.items():
        assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text) == [], name
    page = texts["index.html"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", page)  # no policy would allow them
    assert set(re.findall(r'(?:src|href)="([^"]+)"', page)) == {"/icon.svg", "/page.css", "/page.js"}


def test_a_frame_comes_with_its_state(page: TestClient) -> None:
    answer = page.get("/frame")

    assert (answer.status_code, answer.content) == (200, b"\xff\xd8a picture")
    assert json.loads(answer.headers["signs-edge-state"]) == {"number": 7, "count": 3}


def test_no_frame_and_a_frame_without_a_picture(page: TestClient, feed: OneFrame) -> None:
    none = page.get("/frame?after=7")
    feed.picture = b""
    without = page.get("/frame?after=5")

    assert (none.status_code, "signs-edge-state" in none.headers) == (204, False)
    assert (without.status_code, without.headers["signs-edge-state"]) == (204, '{"number":7,"count":3}')


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "9" * 16, "²"])
def test_after_is_a_number(page: TestClient, after: str) -> None:
    assert page.get("/frame", params={"after": after}).status_code == 400


def test_the_state_alone(page: TestClient, feed: OneFrame) -> None:
    assert page.get("/state").json() == {"number": 7, "count": 3}
    feed.number = 7
    assert page.get("/state").status_code == 503


def test_commands_reach_the_run_and_nothing_else_does(page: TestClient, feed: OneFrame) -> None:
    answers = [post(page, path) for path in POSTS]

    assert [answer.json() for answer in answers] == [{"done": "so be it"}] * 3
    assert feed.told == [{"pause": True}, {"look": "auto"}, {"label": "2", "frame": 3}]


def test_a_refusal_of_the_run_is_told(page: TestClient, feed: OneFrame) -> None:
    feed.answer = {"refused": "that frame is too old"}

    answer = post(page, "/label")

    assert (answer.status_code, answer.json()) == (409, {"refused": "that frame is too old"})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/pause", {}), ("/pause", {"paused": 1}), ("/pause", []), ("/pause", "x"), ("/look", {"roi": 5}),
        ("/look", {"roi": "x" * 41}), ("/label", {"frame": True, "label": "3"}), ("/label", {"frame": 1.0, "label": "3"}),
        ("/label", {"frame": -1, "label": "3"}), ("/label", {"frame": 2**53, "label": "3"}), ("/label", {"label": "3"}),
    ],
)  # fmt: skip
def test_what_is_not_understood_goes_no_further(page: TestClient, feed: OneFrame, path: str, body: Any) -> None:
    assert post(page, path, json=body).status_code == 400
    assert feed.told == []


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 900, b'{"paused": NaN}'])
def test_what_is_no_json_goes_no_further(page: TestClient, feed: OneFrame, content: bytes) -> None:
    answer = post(
        page, "/pause", json=None, content=content, headers={"Origin": HERE, "Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert feed.told == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:9090"}, 403),
        ({"Origin": "https://127.0.0.1:8080"}, 403),
        ({"Origin": HERE, "Content-Type": "text/plain"}, 415),
        ({"Origin": HERE, "Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Origin": HERE, "Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
@pytest.mark.parametrize("path", POSTS)
def test_other_sites_cannot_command(
    page: TestClient, feed: OneFrame, path: str, headers: dict[str, str], status: int
) -> None:
    content = json.dumps(POSTS[path])
    answer = page.post(path, content=content, headers={"Content-Type": "application/json"} | headers)

    assert answer.status_code == status
    assert feed.told == []


@pytest.mark.parametrize("path", POSTS)
def test_a_get_commands_nothing(page: TestClient, feed: OneFrame, path: str) -> None:
    assert page.get(path).status_code == 405
    assert feed.told == []


def test_other_sites_cannot_show_the_picture(page: TestClient) -> None:
    within = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert page.get("/frame", headers=within).status_code == 403
    assert page.get("/stream.mjpg", headers=within).status_code == 403
    assert page.get("/", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "a b", "[::1", "0.0.0.0",
                                  "192.168.1.5:8080", "localhost:8080:8080", "localhost@evil.example"])  # fmt: skip
def test_another_host_name_is_refused_on_loopback_too(page: TestClient, feed: OneFrame, host: str) -> None:
    assert page.get("/frame", headers={"Host": host}).status_code == 421
    assert post(page, "/pause", headers={"Host": host, "Origin": f"http://{host}"}).status_code == 421
    assert feed.told == []


@pytest.mark.parametrize("host", ["127.0.0.1", "LocalHost:8080", "[::1]:8080", "localhost:2222"])
def test_its_own_names_are_answered(page: TestClient, host: str) -> None:
    assert page.get("/frame", headers={"Host": host}).status_code == 200
    assert post(page, "/pause", headers={"Host": host, "Origin": f"http://{host}"}).status_code == 200


def test_with_a_host_any_address_of_the_machine_is_answered_but_no_other_name(feed: OneFrame) -> None:
    page = client_of(feed, TOKEN, loopback=False)
    known = {"Authorization": f"Bearer {TOKEN}"}

    status = {host: page.get("/frame", headers=known | {"Host": host}).status_code
              for host in ("192.168.1.5:8080", "[fe80::1]:8080", "pi.local", "evil.example")}  # fmt: skip

    assert status == {"192.168.1.5:8080": 200, "[fe80::1]:8080": 200, "pi.local": 200, "evil.example": 421}


@pytest.mark.parametrize("path", ["/", "/frame", "/state", "/stream.mjpg", "/page.js", "/icon.svg", "/nothing"])
def test_without_the_token_nothing_is_shown(feed: OneFrame, path: str) -> None:
    page = client_of(feed, TOKEN)
    for headers in (
        {},
        {"Cookie": "signs-edge-8080=wrong"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": TOKEN},
    ):
        answer = page.get(path, headers=headers)
        assert answer.status_code == 401
        assert TOKEN not in answer.text


def test_without_the_token_nothing_is_obeyed(feed: OneFrame) -> None:
    page = client_of(feed, TOKEN)

    assert [post(page, path).status_code for path in POSTS] == [401] * 3
    assert feed.told == []


def test_the_token_moves_from_the_address_into_a_cookie(feed: OneFrame) -> None:
    page = client_of(feed, TOKEN)

    moved = page.get(f"/?token={TOKEN}")

    assert (moved.status_code, moved.headers["location"]) == (303, "/")
    cookie = moved.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    kept = {"Cookie": cookie.partition(";")[0]}
    assert page.get("/frame", headers=kept).status_code == 200
    assert post(page, "/pause", headers=kept | {"Origin": HERE}).status_code == 200


@pytest.mark.parametrize("others", ['{"json": [1, 2]}', "a,b=1", "name with spaces=x", "=", "x=\xe9"])
def test_cookies_of_other_programs_on_this_machine_do_not_hide_ours(feed: OneFrame, others: str) -> None:
    page = client_of(feed, TOKEN)

    for cookies in (f"{others}; signs-edge-8080={TOKEN}", f"signs-edge-8080={TOKEN};{others}"):
        assert page.get("/frame", headers={"Cookie": cookies.encode("latin-1")}).status_code == 200
    for cookies in (others, f"signs-edge-8080=;{others}", f"signs-edge-80={TOKEN}", f"x; signs-edge-8080={TOKEN}x"):
        assert page.get("/frame", headers={"Cookie": cookies.encode("latin-1")}).status_code == 401


@pytest.mark.parametrize(
    "query", ["token=wrong", "token=", "token", f"Token={TOKEN}", f"x=1&token={TOKEN}x", "token=%ff%00"]
)
def test_another_token_gives_no_cookie(feed: OneFrame, query: str) -> None:
    answer = client_of(feed, TOKEN).get(f"/?{query}")

    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_the_token_is_taken_by_the_page_alone(feed: OneFrame) -> None:
    assert client_of(feed, TOKEN).get(f"/frame?token={TOKEN}").status_code == 401


@pytest.mark.parametrize(
    "path", ["/%2e%2e/%2e%2e/etc/passwd", "/web/", "/page.js/", "/page.js%00", "/models/int8.tflite", "/index.html"]
)
def test_no_path_leads_to_a_folder(page: TestClient, path: str) -> None:
    answer = page.get(path)

    assert answer.status_code == 404
    assert len(answer.content) < 100


def test_large_requests_are_refused(page: TestClient, feed: OneFrame) -> None:
    large = json.dumps({"paused": True, "x": "x" * 1000})
    told = {"Origin": HERE, "Content-Type": "application/json"}

    assert page.get("/frame?after=" + "1" * 1000).status_code == 414
    assert page.post("/pause", content=large, headers=told).status_code == 413
    assert page.post("/pause", content=iter([large.encode()]), headers=told).status_code == 413  # without a length
    assert page.post("/pause", content=b"{}", headers=told | {"Content-Length": "-1"}).status_code == 413
    assert feed.told == []


def test_other_methods_and_sockets_are_refused(page: TestClient) -> None:
    assert page.put("/pause").status_code == 405
    assert page.delete("/frame").status_code == 405
    assert (
        page.options("/pause", headers={"Origin": "http://evil.example"}).headers.get("access-control-allow-origin")
        is None
    )


def test_tokens() -> None:
    assert checked_token(make_token())
    assert make_token() != make_token()
    for wrong in ("short", "x" * 129, "sixteen letters and a space", "ä" * 20, "", "a" * 16 + "\n"):
        with pytest.raises(UsageError, match="--web-token is not allowed: give 16") as caught:
            checked_token(wrong)
        assert not wrong or wrong not in str(caught.value)
