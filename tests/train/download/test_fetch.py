"""The download against a server that truncates, corrupts, stalls and lies."""

from __future__ import annotations

import hashlib
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from signs_edge.edge.errors import DataError, RuntimeMissingError, UsageError
from signs_edge.train.data.cache import cache_folder
from signs_edge.train.download import fetch as download
from signs_edge.train.download.fetch import DEFAULT_URL
from signs_edge.train.download.identity import KNOWN, Identity, measure
from signs_edge.train.download.lock import LOCK_NAME
from signs_edge.train.download.remote import address_of

NAME = "train_signs.h5"
BYTES = random.Random(7).randbytes(300_000)
HALF = len(BYTES) // 2
SMALL = {NAME: (Identity(sha256=hashlib.sha256(BYTES).hexdigest()),)}


@dataclass(frozen=True)
class Fault:
    """What goes wrong in one answer; offsets count from the start of its body."""

    status: int | None = None  # this, and no file
    cut: int | None = None  # close here
    stall: int | None = None  # send nothing more from here on
    corrupt: int | None = None  # another byte here
    deaf: bool = False  # ignore Range
    shift: int = 0  # start so much later than asked, and say so
    content_range: str | None = None  # say this
    unsized: bool = False  # no Content-Length
    drip: float = 0.0  # seconds between eight pieces
    garbage: bool = False  # no HTTP at all
    location: str | None = None  # redirect


@dataclass(frozen=True)
class Seen:
    """One request, and how many bytes of body its answer was to have."""

    name: str
    range: str | None
    status: int
    size: int


@dataclass
class Server:
    """Serves `files`; each request takes the next of `faults`, and none is left for the ones after."""

    files: dict[str, bytes]
    faults: list[Fault] = field(default_factory=list)
    log: list[Seen] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def fetch(self, folder: Path, *faults: Fault, **options: object) -> Path:
        """Fetch the one small file, through these faults."""
        self.faults[:] = faults
        settings: dict[str, object] = {"identities": SMALL, "timeout": 5.0, "backoff": 0.0}
        (path,) = download.fetch(folder, self.url, **{**settings, **options})  # type: ignore[arg-type]
        return path


def handler_of(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fault = server.faults.pop(0) if server.faults else Fault()
            name = urlsplit(self.path).path.rpartition("/")[2]
            whole, asked = server.files.get(name), self.headers["Range"]
            if fault.garbage:
                self.wfile.write(b"220 \x1b[31m ftp.example.org ready\r\n")
                return
            if whole is None or fault.status or fault.location:
                self.answer(name, asked, fault.status or (302 if fault.location else 404), b"<p>no</p>", fault)
                return
            start = 0
            if asked and not fault.deaf:
                start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) + fault.shift  # type: ignore[index]
                if start >= len(whole):
                    self.answer(name, asked, 416, b"", fault)
                    return
            body = bytearray(whole[start:])
            if fault.corrupt is not None:
                body[fault.corrupt] ^= 1
            said = f"bytes {start}-{len(whole) - 1}/{len(whole)}" if start else None
            self.answer(name, asked, 206 if start else 200, bytes(body), fault, fault.content_range or said)

        def answer(
            self, name: str, asked: str | None, status: int, body: bytes, fault: Fault, said: str | None = None
        ) -> None:
            server.log.append(Seen(name, asked, status, len(body)))
            self.send_response(status)
            if not fault.unsized:
                self.send_header("Content-Length", str(len(body)))
            if fault.location:
                self.send_header("Location", fault.location)
            if said:
                self.send_header("Content-Range", said)
            self.end_headers()
            if fault.drip:
                for at in range(0, len(body), len(body) // 8):
                    self.wfile.write(body[at : at + len(body) // 8])
                    server.over.wait(fault.drip)
                return
            self.wfile.write(body[: fault.stall if fault.cut is None else fault.cut])
            if fault.stall is not None:
                server.over.wait()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


class Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that hang up: here that is what they are asked to do."""


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[Server]:
    yield from serving({NAME: BYTES})


def serving(files: dict[str, bytes]) -> Iterator[Server]:
    state = Server(files)
    with Quiet(("127.0.0.1", 0), handler_of(state)) as http:
        state.url = f"http://127.0.0.1:{http.server_port}/data"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield state
        state.over.set()
        http.shutdown()
        thread.join()


def part_of(folder: Path) -> Path:
    return folder / f"{NAME}.part"


def names(folder: Path) -> list[str]:
    """What is in a folder, but for the empty lock file."""
    return sorted(path.name for path in folder.iterdir() if path.name != LOCK_NAME)


def ranges(server: Server) -> list[str | None]:
    return [seen.range for seen in server.log]


def refusal(server: Server, folder: Path, *faults: Fault, **options: object) -> str:
    """Give the line of a fetch that must fail; it is one line."""
    with pytest.raises(DataError) as caught:
        server.fetch(folder, *faults, **options)
    line = str(caught.value)
    assert line.isprintable()
    return line


# --- what arrives ---------------------------------------------------------------------------------------------------


def test_a_whole_file_arrives_in_one_request_and_alone(server: Server, tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    folder = tmp_path / "made" / "here"

    path = server.fetch(folder, progress=lambda *piece: told.append(piece))

    assert path.read_bytes() == BYTES
    assert names(folder) == [NAME]
    assert ranges(server) == [None]
    assert told[0] == (NAME, 0, len(BYTES))
    assert told[-1] == (NAME, len(BYTES), len(BYTES))
    assert [piece[1] for piece in told] == sorted(piece[1] for piece in told)


def test_a_right_file_is_kept_and_nothing_is_asked(server: Server, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(BYTES)
    told: list[tuple[str, int, int | None]] = []

    server.fetch(tmp_path, progress=lambda *piece: told.append(piece))

    assert server.log == []
    assert told == [(NAME, len(BYTES), len(BYTES))]


def test_a_wrong_file_stays_until_the_right_one_is_whole(server: Server, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"mine")
    seen: set[bytes] = set()

    def look(_name: str, have: int, _total: int | None) -> None:
        if part_of(tmp_path).exists():
            seen.add((tmp_path / NAME).read_bytes())

    refusal(server, tmp_path, Fault(cut=HALF), attempts=1, progress=look)
    refusal(server, tmp_path, Fault(deaf=True, corrupt=0), progress=look)
    assert (tmp_path / NAME).read_bytes() == b"mine"
    server.fetch(tmp_path, progress=look)

    assert seen == {b"mine"}
    assert (tmp_path / NAME).read_bytes() == BYTES


def test_the_name_never_exists_half_written(server: Server, tmp_path: Path) -> None:
    def look(_name: str, have: int, _total: int | None) -> None:
        there = (tmp_path / NAME).exists()
        assert not there or (have == len(BYTES) and (tmp_path / NAME).read_bytes() == BYTES)

    server.fetch(tmp_path, Fault(cut=1000), Fault(cut=1000), Fault(corrupt=5), progress=look)

    assert names(tmp_path) == [NAME]


def test_either_of_two_identities_will_do(server: Server, tmp_path: Path) -> None:
    blob = hashlib.sha1(b"blob %d\0" % len(BYTES) + BYTES).hexdigest()

    server.fetch(tmp_path, identities={NAME: (Identity(size=3), Identity(blob=blob))})

    assert (tmp_path / NAME).read_bytes() == BYTES


def test_a_file_address_is_copied_and_resumed(tmp_path: Path) -> None:
    source, folder = tmp_path / "a source", tmp_path / "b"
    source.mkdir()
    folder.mkdir()
    (source / NAME).write_bytes(BYTES)
    part_of(folder).write_bytes(BYTES[:HALF])
    told: list[int] = []

    download.fetch(folder, source.as_uri(), identities=SMALL, progress=lambda _name, have, _total: told.append(have))

    assert told[0] == HALF
    assert (folder / NAME).read_bytes() == BYTES


# --- truncated, stalled, refused: asked again -----------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault(cut=HALF), Fault(stall=HALF)], ids=["truncated", "stalled"])
def test_a_broken_answer_is_resumed_where_it_ended(server: Server, tmp_path: Path, fault: Fault) -> None:
    server.fetch(tmp_path, fault, timeout=0.5)

    assert (tmp_path / NAME).read_bytes() == BYTES
    assert ranges(server)[:2] == [None, f"bytes={HALF}-"]
    assert server.log[1].size == len(BYTES) - HALF


def test_a_server_that_stalls_for_good_is_given_up_and_the_part_kept(server: Server, tmp_path: Path) -> None:
    line = refusal(server, tmp_path, Fault(stall=HALF), Fault(stall=10), timeout=0.2, attempts=2)

    assert "nothing came for 0.2 s, at attempt 2 of 2" in line
    assert f"Try again to resume ({HALF + 10:,} bytes are kept)" in line
    assert "--url" in line
    assert names(tmp_path) == [f"{NAME}.part"]


def test_slow_is_not_stalled(server: Server, tmp_path: Path) -> None:
    server.fetch(tmp_path, Fault(drip=0.2), timeout=1.0)

    assert ranges(server) == [None]


def test_a_server_error_that_passes_is_waited_for(server: Server, tmp_path: Path) -> None:
    server.fetch(tmp_path, Fault(status=500), Fault(status=503), Fault(status=429))

    assert [seen.status for seen in server.log] == [500, 503, 429, 200]


def test_rests_grow_between_requests(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    monkeypatch.setattr("time.sleep", rests.append)

    line = refusal(server, tmp_path, *[Fault(status=500)] * 4, backoff=0.5)

    assert rests == [0.5, 1.0, 2.0]
    assert "the server answered 500, at attempt 4 of 4" in line
    assert names(tmp_path) == []


# --- resuming against servers that are bad at it ---------------------------------------------------------------------


def test_a_part_from_before_is_resumed(server: Server, tmp_path: Path) -> None:
    part_of(tmp_path).write_bytes(BYTES[:HALF])

    server.fetch(tmp_path)

    assert server.log == [Seen(NAME, f"bytes={HALF}-", 206, len(BYTES) - HALF)]
    assert (tmp_path / NAME).read_bytes() == BYTES


def test_a_part_that_lacks_nothing_needs_no_request(server: Server, tmp_path: Path) -> None:
    part_of(tmp_path).write_bytes(BYTES)

    server.fetch(tmp_path)

    assert server.log == []
    assert names(tmp_path) == [NAME]


def test_a_server_that_ignores_range_starts_over(server: Server, tmp_path: Path) -> None:
    part_of(tmp_path).write_bytes(BYTES[:HALF])

    server.fetch(tmp_path, Fault(deaf=True))

    assert [seen.status for seen in server.log] == [200]
    assert (tmp_path / NAME).read_bytes() == BYTES


@pytest.mark.parametrize(
    "fault",
    [
        Fault(shift=7),
        Fault(content_range="bytes 5-299999/300000"),
        Fault(content_range="lines 1-2/3"),
        Fault(content_range=f"bytes {'9' * 5000}-1/2"),
    ],
    ids=["shifted", "other", "nonsense", "huge"],
)
def test_a_part_from_elsewhere_is_not_appended(server: Server, tmp_path: Path, fault: Fault) -> None:
    part_of(tmp_path).write_bytes(BYTES[:HALF])

    server.fetch(tmp_path, fault)

    assert ranges(server) == [f"bytes={HALF}-", None]
    assert (tmp_path / NAME).read_bytes() == BYTES


@pytest.mark.parametrize("extra", [0, 50], ids=["as long", "longer"])
def test_a_wrong_part_with_nothing_beyond_it_is_replaced(server: Server, tmp_path: Path, extra: int) -> None:
    part_of(tmp_path).write_bytes(bytes(len(BYTES) + extra))

    server.fetch(tmp_path)

    assert [seen.status for seen in server.log] == [416, 200]
    assert (tmp_path / NAME).read_bytes() == BYTES


def test_a_part_of_another_file_is_found_out_and_replaced(server: Server, tmp_path: Path) -> None:
    part_of(tmp_path).write_bytes(b"another file")

    server.fetch(tmp_path)

    assert ranges(server) == ["bytes=12-", None]
    assert (tmp_path / NAME).read_bytes() == BYTES


def test_pieces_that_do_not_fit_are_thrown_away_once_only(server: Server, tmp_path: Path) -> None:
    faults = [Fault(cut=HALF), Fault(corrupt=0), Fault(cut=HALF), Fault(corrupt=0)]

    line = refusal(server, tmp_path, *faults)

    assert ranges(server) == [None, f"bytes={HALF}-", None, f"bytes={HALF}-"]
    assert "is not the SIGNS file" in line
    assert names(tmp_path) == []


def test_without_a_length_the_identity_tells_that_it_was_cut(server: Server, tmp_path: Path) -> None:
    refusal(server, tmp_path, Fault(cut=HALF, unsized=True))
    assert names(tmp_path) == []

    server.fetch(tmp_path, Fault(unsized=True))
    assert (tmp_path / NAME).read_bytes() == BYTES


# --- refused --------------------------------------------------------------------------------------------------------


def test_a_corrupt_file_is_refused_at_once_and_thrown_away(server: Server, tmp_path: Path) -> None:
    line = refusal(server, tmp_path, Fault(corrupt=123))

    assert NAME in line
    assert re.search(r"Received: 300,000 bytes, sha256 [0-9a-f]{12}…, git blob [0-9a-f]{12}…", line)
    assert f"Allowed: sha256 {hashlib.sha256(BYTES).hexdigest()[:12]}…" in line
    assert "--url" in line
    assert len(server.log) == 1
    assert names(tmp_path) == []


def test_a_web_page_is_called_one(server: Server, tmp_path: Path) -> None:
    server.files[NAME] = b"<html>Please log in"

    assert "a web page by its looks" in refusal(server, tmp_path)


@pytest.mark.parametrize("status", [204, 401, 403, 404, 410])
def test_an_answer_that_will_not_change_is_asked_for_once(server: Server, tmp_path: Path, status: int) -> None:
    line = refusal(server, tmp_path, Fault(status=status))

    assert f"the server answered {status}" in line
    assert server.url in line
    assert "--url" in line
    assert len(server.log) == 1
    assert names(tmp_path) == []


def test_not_found_keeps_the_part(server: Server, tmp_path: Path) -> None:
    part_of(tmp_path).write_bytes(BYTES[:HALF])

    assert "Try again to resume" in refusal(server, tmp_path, Fault(status=404))
    assert part_of(tmp_path).read_bytes() == BYTES[:HALF]


@pytest.mark.parametrize("where", ["ftp://127.0.0.1/x", "file:///etc/passwd", "http://[", "data:,x"])
def test_a_redirect_leads_to_http_only(server: Server, tmp_path: Path, where: str) -> None:
    refusal(server, tmp_path, Fault(location=where))

    assert len(server.log) == 1
    assert names(tmp_path) == []


def test_a_redirect_is_followed_and_the_range_with_it(server: Server, tmp_path: Path) -> None:
    part_of(tmp_path).write_bytes(BYTES[:HALF])

    server.fetch(tmp_path, Fault(location=f"{server.url}/mirror/{NAME}"))

    assert [seen.status for seen in server.log] == [302, 206]


def test_what_is_not_http_is_not_quoted(server: Server, tmp_path: Path) -> None:
    line = refusal(server, tmp_path, *[Fault(garbage=True)] * 4)

    assert "the connection broke (BadStatusLine)" in line


@pytest.mark.parametrize("fault", [Fault(), Fault(unsized=True)], ids=["announced", "unannounced"])
def test_too_much_is_refused(server: Server, tmp_path: Path, fault: Fault) -> None:
    line = refusal(server, tmp_path, fault, limit=100_000)

    assert "too large" in line
    assert "Allowed: 100,000" in line
    assert names(tmp_path) == []


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(DataError, match="the host refused the connection, at attempt 1 of 4"):
        download.fetch(tmp_path, f"http://127.0.0.1:{port}/", identities=SMALL)


def test_unknown_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(DataError, match="the host is not known, or this machine is offline, at attempt 1"):
        download.fetch(tmp_path, "http://nowhere.invalid/", identities=SMALL)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "datasets/",
        "/home/me/datasets",
        "ftp://example.org/",
        "data:text/plain,x",
        "http://",
        "http:///path",
        "http://[::1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:port/",
        "file://elsewhere/folder",
    ],
)
def test_an_address_that_is_none_is_refused_before_anything_is_touched(tmp_path: Path, url: str) -> None:
    folder = tmp_path / "folder"

    with pytest.raises(DataError, match=r"Received: .* Allowed: .*file:///path/to/folder/") as caught:
        download.fetch(folder, url, identities=SMALL)

    assert str(caught.value).isprintable()
    assert not folder.exists()


@pytest.mark.parametrize("url", ["http://a..b/", "http://127.0.0.1 /", f"http://{'x' * 70}.example/"])
def test_a_host_that_cannot_be_asked(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")

    with pytest.raises(DataError, match="it is not an address that can be asked"):
        download.fetch(tmp_path, url, identities=SMALL)


def test_a_password_in_the_address_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="user name") as caught:
        download.fetch(tmp_path, "https://me:secret@example.org/", identities=SMALL)

    assert "secret" not in str(caught.value)


def test_a_missing_file_address(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        download.fetch(tmp_path / "to", (tmp_path / "from").as_uri(), identities=SMALL)


def test_the_address_of_a_file() -> None:
    assert address_of("a.h5", DEFAULT_URL) == DEFAULT_URL + "a.h5"
    assert address_of("a.h5", "http://h") == "http://h/a.h5"
    assert address_of("a.h5", "HTTP://h/x y/%20é?raw=true#top") == "http://h/x%20y/%20%C3%A9/a.h5?raw=true"


@pytest.mark.parametrize("options", [{"timeout": 0.0}, {"timeout": float("nan")}, {"attempts": 0}, {"backoff": -1.0}])
def test_options_out_of_range(server: Server, tmp_path: Path, options: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="Received"):
        server.fetch(tmp_path, **options)


# --- the disk -------------------------------------------------------------------------------------------------------


def test_a_folder_that_is_a_file(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    line = refusal(server, tmp_path / "file" / "folder")

    assert "Not a directory" in line
    assert "--to" in line


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_one_may_only_read(server: Server, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        line = refusal(server, tmp_path)
    finally:
        tmp_path.chmod(0o700)

    assert "Permission denied" in line
    assert "--to" in line


CHILD = """
import sys
from pathlib import Path
from signs_edge.edge.errors import DataError
from signs_edge.train.download.fetch import fetch
from signs_edge.train.download.identity import Identity

folder, url, name, sha256, room = sys.argv[1:]
if int(room):
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(room), int(room)))
try:
    fetch(Path(folder), url, identities={name: (Identity(sha256=sha256),)}, timeout=60,
          progress=lambda name, have, total: print(have, flush=True))
except DataError as error:
    print(error)
"""


def child(server: Server, folder: Path, room: int = 0) -> subprocess.Popen[str]:
    sha256 = SMALL[NAME][0].sha256
    assert sha256 is not None
    command = [sys.executable, "-c", CHILD, str(folder), server.url, NAME, sha256, str(room)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_disk_without_room(server: Server, tmp_path: Path) -> None:
    pytest.importorskip("resource")
    with child(server, tmp_path, room=100_000) as process:
        assert process.stdout is not None
        line = process.stdout.read().splitlines()[-1]

    assert "Mend that and try again" in line
    assert "--to" in line
    assert names(tmp_path) == [f"{NAME}.part"]
    server.fetch(tmp_path)
    assert ranges(server) == [None, "bytes=100000-"]


def wait_for_half(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) == HALF:
            return
    pytest.fail("the child ended early")


def test_a_killed_process_is_resumed(server: Server, tmp_path: Path) -> None:
    server.faults[:] = [Fault(stall=HALF)]
    with child(server, tmp_path) as process:
        wait_for_half(process)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / NAME).exists()

    path = server.fetch(tmp_path)

    assert path.read_bytes() == BYTES
    assert names(tmp_path) == [NAME]
    assert server.log[1:] == [Seen(NAME, f"bytes={HALF}-", 206, len(BYTES) - HALF)]


def test_two_processes_do_not_mix(server: Server, tmp_path: Path) -> None:
    server.faults[:] = [Fault(stall=HALF)]
    with child(server, tmp_path) as process:
        wait_for_half(process)
        line = refusal(server, tmp_path)
        assert part_of(tmp_path).stat().st_size == HALF
        process.kill()

    assert "Another process is fetching into" in line
    assert len(server.log) == 1


def test_ctrl_c_keeps_what_has_arrived(server: Server, tmp_path: Path) -> None:
    def stop(_name: str, have: int, _total: int | None) -> None:
        if have:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        server.fetch(tmp_path, progress=stop)

    (left,) = names(tmp_path)
    assert left == f"{NAME}.part"
    kept = part_of(tmp_path).stat().st_size
    server.fetch(tmp_path)
    assert ranges(server)[1] == (f"bytes={kept}-" if kept < len(BYTES) else None)


# --- identities and the cache ----------------------------------------------------------------------------------------


def test_a_measured_file_has_the_ids_that_sha256sum_and_git_give(tmp_path: Path) -> None:
    (tmp_path / "hello").write_bytes(b"hello\n")

    assert measure(tmp_path / "hello") == Identity(
        size=6,
        sha256="5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
        blob="ce013625030ba8dba906f756967f9e9ca394464a",
    )


@pytest.mark.parametrize("bad", [{}, {"sha256": "ab"}, {"blob": "Z" * 40}, {"sha256": "A" * 64}])
def test_an_identity_must_say_something(bad: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="Received"):
        Identity(**bad)  # type: ignore[arg-type]


def test_an_identity_wants_all_it_knows() -> None:
    received = Identity(6, "a" * 64, "b" * 40)

    assert Identity(size=6).accepts(received)
    assert Identity(blob="b" * 40).accepts(received)
    assert not Identity(size=7, sha256="a" * 64).accepts(received)
    assert not Identity(size=6, sha256="a" * 64, blob="c" * 40).accepts(received)


def test_the_cache_is_the_users_unless_said_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNS_EDGE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path

    monkeypatch.setenv("SIGNS_EDGE_CACHE", "")
    assert cache_folder().parts[-2:] == ("signs-edge", "signs")


def test_the_cache_without_platformdirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIGNS_EDGE_CACHE", raising=False)
    monkeypatch.setitem(sys.modules, "platformdirs", None)

    with pytest.raises(RuntimeMissingError, match="--to"):
        cache_folder()


@pytest.mark.signs
def test_the_real_files_arrive_through_a_bad_server(tmp_path: Path) -> None:
    data = Path(os.environ["SIGNS_EDGE_DATA"])
    for server in serving({name: (data / name).read_bytes() for name in KNOWN}):
        server.faults[:] = [Fault(cut=5_000_000), Fault(status=502), Fault(), Fault(cut=700_000)]

        paths = download.fetch(tmp_path, server.url, backoff=0.0)

        assert [path.name for path in paths] == list(KNOWN)
        assert all(path.read_bytes() == (data / path.name).read_bytes() for path in paths)
        assert ranges(server) == [None, "bytes=5000000-", "bytes=5000000-", None, "bytes=700000-"]
