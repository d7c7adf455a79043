"""Upstream files: mirror, cache, download; always verified, never half-written."""

from __future__ import annotations

import hashlib
import http.server
import threading

import pytest
import requests

from scaling_studies.errors import SourceError
from scaling_studies.sources import files as upstream
from scaling_studies.sources.files import SourceFile, Upstream, default_cache

CONTENT = bytes(range(256)) * 512
COMMIT = "a" * 40


def source(content=CONTENT, **changes):
    values = {
        "study": "someone_2020",
        "repository": "owner/name",
        "commit": COMMIT,
        "path": "data/runs 100b+.csv",
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return SourceFile(**values | changes)


def put(root, file, content=CONTENT):
    path = root / file.relative
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def one_line(error, *words):
    line = str(error.value)
    assert "\n" not in line
    for word in ("study someone_2020", "owner/name/data/runs 100b+.csv", "Fix:", *words):
        assert word in line, line


@pytest.fixture
def dirs(tmp_path):
    return {"mirror": tmp_path / "mirror", "cache": tmp_path / "cache"}


@pytest.fixture
def no_network(monkeypatch):
    def get(*_arguments, **_options):
        raise requests.ConnectionError("unreachable")

    monkeypatch.setattr(requests, "get", get)


class _Host:
    """A real HTTP server whose answers a test chooses."""

    def __init__(self, content):
        self.content, self.requests = content, []
        #: One entry an answer: bytes to send before hanging up, or a status in text; then all.
        self.script = []
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                host.answer(self)

            def log_message(self, *_arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, request):
        self.requests.append(request.path)
        act = self.script.pop(0) if self.script else None
        if isinstance(act, str):
            request.send_response(int(act))
            request.send_header("Location", "/elsewhere")
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        request.send_response(200)
        request.send_header("Content-Length", str(len(self.content)))
        request.end_headers()
        request.wfile.write(self.content if act is None else self.content[:act])
        request.close_connection = True


@pytest.fixture
def host(monkeypatch):
    host = _Host(CONTENT)
    port = host.server.server_port
    monkeypatch.setattr(
        SourceFile, "address", property(lambda file: f"http://127.0.0.1:{port}/{file.path}")
    )
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield host
    host.server.shutdown()
    host.server.server_close()


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """Seconds that downloads would wait before they try again."""
    waits = []
    monkeypatch.setattr("pooch.core.time.sleep", waits.append)
    return waits


def test_the_address_is_https_on_one_host_and_quoted():
    assert source().address == (
        f"https://raw.githubusercontent.com/owner/name/{COMMIT}/data/runs%20100b%2B.csv"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "../secret"},
        {"path": "/etc/passwd"},
        {"path": "data/../../x"},
        {"path": "data\\..\\x"},
        {"path": ""},
        {"repository": "../name"},
        {"repository": "example.org/owner/name"},
        {"commit": "main"},
        {"sha256": ""},
        {"sha256": "A" * 64},
    ],
)
def test_a_source_that_is_not_pinned_or_leads_outside_is_refused(changes):
    with pytest.raises(SourceError, match=r"source\.yaml"):
        source(**changes)


def test_the_mirror_comes_first_and_is_not_written(dirs, no_network):
    file = source()
    path = put(dirs["mirror"], file)
    assert Upstream(**dirs).fetch(file) == path
    assert not dirs["cache"].exists()


def test_the_cache_comes_second(dirs, no_network):
    file = source()
    path = put(dirs["cache"], file)
    assert Upstream(cache=dirs["cache"]).fetch(file) == path
    assert Upstream(**dirs, offline=True).fetch(file) == path


@pytest.mark.parametrize("where", ["mirror", "cache"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (CONTENT[:-1], ("is truncated", f"{len(CONTENT) - 1} of {len(CONTENT)} bytes")),
        (b"", ("is truncated",)),
        (CONTENT + b"x", ("not the pinned",)),
        (CONTENT[:-1] + b"x", ("has sha256", "not the pinned", source().sha256)),
    ],
)
def test_a_file_that_is_not_the_pinned_one_is_named(dirs, no_network, where, content, words):
    file = source()
    put(dirs[where], file, content)
    with pytest.raises(SourceError) as caught:
        Upstream(**dirs).fetch(file)
    one_line(caught, *words)


def test_without_mirror_cache_and_network_the_file_is_named(dirs, no_network, waits):
    with pytest.raises(SourceError) as caught:
        Upstream(**dirs).fetch(source())
    one_line(caught, "cannot be downloaded", "mirror")
    assert waits == [1, 2]
    assert not [path for path in dirs["cache"].rglob("*") if path.is_file()]


def test_offline_asks_no_host(dirs, no_network):
    with pytest.raises(SourceError) as caught:
        Upstream(**dirs, offline=True).fetch(source())
    one_line(caught, "neither the mirror nor the cache")


def test_a_download_is_verified_and_kept(dirs, host, capsys):
    file = source()
    path = Upstream(**dirs, progress=True).fetch(file)
    assert path == dirs["cache"] / file.relative
    assert path.read_bytes() == CONTENT
    total = f"of {len(CONTENT):,} bytes"
    first, *_, last = capsys.readouterr().err.rstrip("\n").split("\r")[1:]
    assert first == f"{file.path}: 65,536 {total}"
    assert last == f"{file.path}: {len(CONTENT):,} {total}"
    Upstream(**dirs).fetch(file)
    assert len(host.requests) == 1
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_a_broken_download_is_begun_anew(dirs, host, capsys):
    host.script = [40_000, "503"]
    assert Upstream(**dirs).fetch(source()).read_bytes() == CONTENT
    assert len(host.requests) == 3
    assert capsys.readouterr().err == ""


def test_a_download_that_breaks_off_every_time_leaves_nothing(dirs, host):
    host.script = [80_000] * 9
    with pytest.raises(SourceError, match="cannot be downloaded"):
        Upstream(**dirs).fetch(source())
    assert not [path for path in dirs["cache"].rglob("*") if path.is_file()]


@pytest.mark.parametrize("content", [CONTENT[::-1], CONTENT + b"more"])
def test_a_download_that_is_not_the_pinned_file_leaves_nothing(dirs, host, content):
    host.content = content
    with pytest.raises(SourceError) as caught:
        Upstream(**dirs).fetch(source())
    one_line(caught, "not the pinned")
    assert not [path for path in dirs["cache"].rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "HTTP status 404"), (503, "HTTP status 503"), (301, "not the pinned file")],
)
def test_answers_other_than_the_file(dirs, host, status, words):
    host.script = [str(status)] * 9
    with pytest.raises(SourceError) as caught:
        Upstream(**dirs).fetch(source())
    one_line(caught, words)
    # A redirection is not followed.
    assert host.requests == ["/data/runs%20100b+.csv"] * 3


def test_a_cache_that_cannot_be_written_is_named(dirs, host, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(SourceError) as caught:
        Upstream(cache=blocked).fetch(source())
    one_line(caught, "cannot be stored in the cache")


def test_the_default_cache_is_outside_tracked_files_and_can_be_named(monkeypatch):
    monkeypatch.delenv("SCALING_STUDIES_CACHE", raising=False)
    assert default_cache().parts == (".cache", "upstream")
    monkeypatch.setenv("SCALING_STUDIES_CACHE", "/somewhere")
    assert str(default_cache()) == "/somewhere"


def test_errors_of_the_network_are_put_in_words():
    assert upstream._reason(requests.ConnectTimeout()) == "connect timeout"
    assert upstream._reason(requests.ConnectionError()) == "connection error"
