"""STATIC, DISP-05..09, VAL: files from the static folder, and nothing else."""

from __future__ import annotations

import gzip
import os

import pytest


@pytest.fixture
def client(site):
    site.write("static/css/a.css", "p {}")
    site.write("static/data.bin", bytes(range(256)))
    site.write("static/a-b+c.txt", "plus")
    site.write("static/a.mp3", b"music")
    site.write("models/db.py", "open(request.folder + 'model-ran', 'w').write('x')")
    site.write("private/secret.txt", "secret")
    return site.client()


def test_disp_05_06_08_static(site, client):
    """DISP-05, DISP-06, DISP-08, STATIC-01, STATIC-09, FLOW-03: no model, no cookie, validators."""
    page = client.get("/myapp/static/css/a.css")
    assert page.data == b"p {}"
    assert page.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "Set-Cookie" not in page.headers
    assert "max-age=3" not in page.headers["Cache-Control"]
    assert not (site.app / "model-ran").exists()
    again = client.get(
        "/myapp/static/css/a.css", headers={"If-Modified-Since": page.headers["Last-Modified"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    by_tag = client.get("/myapp/static/css/a.css", headers={"If-None-Match": page.headers["ETag"]})
    assert by_tag.status_code == 304
    other = client.get("/myapp/static/css/a.css", headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("asked", "status", "expected", "content_range"),
    [
        ("bytes=0-9", 206, bytes(range(10)), "bytes 0-9/256"),
        ("bytes=-6", 206, bytes(range(250, 256)), "bytes 250-255/256"),
        ("bytes=250-999", 206, bytes(range(250, 256)), "bytes 250-255/256"),
        ("bytes=256-", 416, b"", "bytes */256"),
        ("bytes=9-1", 200, None, None),
        ("nonsense", 200, None, None),
        ("bytes=0-1,3-4", 200, None, None),
    ],
)
def test_disp_07_ranges(client, asked, status, expected, content_range):
    """DISP-07."""
    page = client.get("/myapp/static/data.bin", headers={"Range": asked})
    assert page.status_code == status
    assert page.headers.get("Content-Range") == content_range
    if expected is not None and status == 206:
        assert page.data == expected


def test_disp_07_if_range(client):
    """DISP-07: a changed file is sent whole."""
    headers = {"Range": "bytes=0-9", "If-Range": '"stale"'}
    assert client.get("/myapp/static/data.bin", headers=headers).status_code == 200
    good = client.get("/myapp/static/data.bin").headers["ETag"]
    assert client.get("/myapp/static/data.bin", headers=headers | {"If-Range": good}).status_code == 206


def test_disp_09_attachment(client):
    """DISP-09."""
    page = client.get("/myapp/static/a.mp3?attachment")
    assert page.headers["Content-Disposition"] == 'attachment; filename="a.mp3"'
    assert "Content-Disposition" not in client.get("/myapp/static/a.mp3").headers


def test_head_has_no_body(client):
    page = client.head("/myapp/static/data.bin")
    assert (page.status_code, page.data, page.headers["Content-Length"]) == (200, b"", "256")
    page = client.head("/myapp")
    assert (page.data, page.headers["Content-Length"]) == (b"", "5")


def test_static_02_03_04_versions(client):
    """STATIC-02, STATIC-03, STATIC-04, STATIC-06."""
    page = client.get("/myapp/static/_1.2.3/css/a.css")
    assert page.data == b"p {}"
    assert page.headers["Cache-Control"] == "max-age=315360000"
    assert page.headers["Expires"] == "Thu, 31 Dec 2037 23:59:59 GMT"
    assert client.get("/myapp/static/_999.888.888/css/a.css").status_code == 200
    assert client.get("/myapp/static/_1.2/css/a.css").status_code == 404


def test_static_05_version_in_links(site):
    """STATIC-05, RESP-16: only files of this application."""
    site.model("response.static_version = '1.2.3'")
    site.controller(
        "def index():\n    response.files = [URL('static', 'a.css'), '/other/static/b.css', 'http://x/c.css']\n    return dict()\n"
    )
    site.view("{{response.include_files()}}{{=URL('static', 'a.css')}}")
    text = site.client().get("/myapp").text
    assert "/myapp/static/_1.2.3/a.css" in text
    assert "/other/static/b.css" in text
    assert text.endswith("/myapp/static/a.css")


def test_static_09_compressed_twin(site, client):
    """STATIC-09: a gzip file beside the original goes to clients that take it, while it is not older."""
    twin = site.write("static/css/a.css.gz", gzip.compress(b"p {}"))
    page = client.get("/myapp/static/css/a.css", headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(page.data) == b"p {}"
    assert "Content-Encoding" not in client.get("/myapp/static/css/a.css").headers
    assert (
        "Content-Encoding"
        not in client.get("/myapp/static/css/a.css", headers={"Accept-Encoding": "gzip;q=0"}).headers
    )
    os.utime(twin, (0, 0))
    stale = client.get("/myapp/static/css/a.css", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in stale.headers


@pytest.mark.parametrize(
    "path",
    [
        "/myapp/static/../models/db.py",
        "/myapp/static/%2e%2e/models/db.py",
        "/myapp/static/..%2fmodels/db.py",
        "/myapp/static/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc/passwd",
        "/myapp/static/..\\models\\db.py",
        "/myapp/static/css/..%5c..%5cmodels%5cdb.py",
        "/myapp/static//etc/passwd",
        "/myapp/static/a//b.txt",
        "/myapp/static/css/../../private/secret.txt",
        "/myapp/static/a.css%00.txt",
        "/myapp/static/c:/windows/win.ini",
        "/myapp/static/%ff%fe",
        "/myapp/static/" + "a" * 5000,
        "/myapp/private/secret.txt",
        "/myapp/uploads/x",
        "/myapp/models/db.py",
        "/../etc/passwd",
        "//etc/passwd",
    ],
)
def test_val_01_06_hostile_paths(client, path):
    """VAL-01, VAL-06, APPDIR-05: 400 or 404, never a file."""
    page = client.get(path)
    assert page.status_code in (400, 404), page.text
    assert b"secret" not in page.data
    assert b"root:" not in page.data


def test_val_06_allowed_names(client):
    """VAL-06."""
    assert client.get("/myapp/static/a-b+c.txt").data == b"plus"


def test_static_folder_is_no_file(client):
    assert client.get("/myapp/static/css").status_code == 404
    assert client.get("/myapp/static/missing.css").status_code == 404
    assert client.post("/myapp/static/css/a.css").status_code == 405


def test_links_out_of_the_application_are_refused(site, client, tmp_path_factory):
    """VAL-01: a link in static/ does not open the rest of the disk."""
    outside = tmp_path_factory.mktemp("outside") / "x.txt"
    outside.write_text("outside")
    (site.app / "static" / "link.txt").symlink_to(outside)
    assert b"outside" not in client.get("/myapp/static/link.txt").data


def test_large_file_is_not_read_into_memory(site, client):
    """FLOW-03, FUN-14: 50 MB leave in blocks."""
    import tracemalloc

    path = site.write("static/big.bin", b"")
    with path.open("wb") as stream:
        stream.truncate(50 * 1024 * 1024)
    tracemalloc.start()
    page = client.get("/myapp/static/big.bin", buffered=False)
    total = sum(len(block) for block in page.response)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 50 * 1024 * 1024
    assert peak < 8 * 1024 * 1024
