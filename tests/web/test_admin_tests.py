"""Tests of applications over the web: run, seen as a tree, canceled, by the administrator only (AP-19)."""

from __future__ import annotations

import html
import shutil
import subprocess
import sys
import time

import pytest

from runtime.admin import test_jobs
from runtime.foundation.current import current
from runtime.foundation.problems import UserError
from runtime.web.client import TestClient

PAGE = "/admin/tests/index/shop"


@pytest.fixture
def shop(tmp_path):
    return tmp_path / "applications/shop"


@pytest.fixture
def stranger(administered):
    yield TestClient(administered())
    test_jobs.end_all()
    current._begin()


@pytest.fixture
def client(stranger):
    stranger.post("/admin/default/index", data={"password": "secret"})
    return stranger


def begin(client, tmp_path):
    page = client.get(PAGE)
    assert client.post("/admin/tests/start", data=page.hidden("main form")).status_code == 303


def finished(tmp_path, seconds=60):
    assert test_jobs.wait(tmp_path, "shop", seconds)
    return test_jobs.report_of(tmp_path, "shop")


def test_ap_19_a_tree_of_results(client, shop, tmp_path):
    """AP-19, TEST-01, TEST-05: files with their tests, what failed with its place and output, safe as text."""
    (shop / "controllers/sums.py").write_text(
        'def two():\n    """\n    >>> two()\n    2\n    """\n    return 2\n'
    )
    (shop / "tests").mkdir(exist_ok=True)
    (shop / "tests/test_a.py").write_text(
        "def test_good():\n    pass\ndef test_bad():\n    assert 1 == 2, '<script>no</script>'\n"
    )
    assert "Not run yet" in client.get(PAGE).text
    assert f'href="{PAGE}"' in client.get("/admin/default/site").text
    begin(client, tmp_path)
    finished(tmp_path)
    page = client.get(PAGE)
    assert "Refresh" not in page.headers
    files = {node.element("strong").flatten(): node for node in page.elements("details.tests")}
    bad = files["tests/test_a.py"]
    assert bad.attributes.get("_open") is not None
    assert "1 of 2 passed" in bad.flatten()
    assert "<script>no" not in page.text
    assert "&lt;script&gt;no" in page.text
    assert "tests/test_a.py:4" in bad.flatten()
    assert "1 of 1 passed" in files["controllers/sums.py"].flatten()
    assert files["controllers/sums.py"].attributes.get("_open") is None
    (shop / "controllers/sums.py").write_text(
        'def two():\n    """\n    >>> two()\n    2\n    """\n    return 1 / 0\n'
    )
    begin(client, tmp_path)
    finished(tmp_path)
    link = next(a["_href"] for a in client.get(PAGE).elements("details.tests a"))
    assert "controllers/sums.py" in html.unescape(link).replace("%2F", "/")
    assert client.get(html.unescape(link)).status_code == 200


def test_ap_19_cancel_ends_the_child(client, shop, tmp_path):
    """AP-19: the page is loaded again while tests run; they run once at a time; cancel ends them."""
    (shop / "tests").mkdir(exist_ok=True)
    (shop / "tests/test_slow.py").write_text(
        "import time, pathlib\npathlib.Path(request.folder, 'began').touch()\ntime.sleep(120)\n"
    )
    begin(client, tmp_path)
    page = client.get(PAGE)
    assert page.headers["Refresh"]
    assert "Running" in page.text
    again = client.post("/admin/tests/start", data=page.hidden("main form"))
    assert again.status_code == 303
    assert "running already" in client.get(PAGE).text
    end = time.monotonic() + 60
    while not (shop / "began").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert client.post("/admin/tests/cancel", data=page.hidden("main form")).status_code == 303
    assert finished(tmp_path, 60).problem
    assert "canceled" in client.get(PAGE).text


def test_ap_19_what_takes_too_long_is_ended(client, shop, tmp_path, monkeypatch):
    """AP-19: a run has a limit of time."""
    monkeypatch.setattr(test_jobs, "MOST_SECONDS", 2.0)
    (shop / "tests").mkdir(exist_ok=True)
    (shop / "tests/test_slow.py").write_text("import time\ntime.sleep(120)\n")
    begin(client, tmp_path)
    finished(tmp_path, 60)
    assert "took longer than 2 s" in client.get(PAGE).text


def test_what_a_run_keeps_is_bounded(client, shop, tmp_path, monkeypatch):
    monkeypatch.setattr(test_jobs, "MOST_RESULTS", 3)
    (shop / "tests").mkdir(exist_ok=True)
    (shop / "tests/test_many.py").write_text("".join(f"def test_{n}():\n    pass\n" for n in range(20)))
    begin(client, tmp_path)
    assert len(finished(tmp_path).results) == 3
    assert "more results are not shown" in client.get(PAGE).text


def test_ap_19_only_for_the_administrator(stranger, shop, tmp_path):
    """ADMIN-08: strangers see the log-in, and start nothing; nor does a form of another page."""
    for path in (PAGE, "/admin/tests/start", "/admin/tests/cancel"):
        assert stranger.get(path).status_code == 303
        assert stranger.post(path, data={"name": "shop"}).status_code == 303
    stranger.post("/admin/default/index", data={"password": "secret"})
    assert stranger.post("/admin/tests/start", data={"name": "shop", "token": "x"}).status_code == 400
    assert stranger.get("/admin/tests/start").status_code == 400
    assert stranger.get("/admin/tests/index/nothing").status_code == 404
    assert test_jobs.report_of(tmp_path, "shop") is None


OTHER = """
import pathlib, sys, time
from runtime.admin import test_jobs
site = pathlib.Path(sys.argv[1])
test_jobs.start(site, "shop")
print("begun", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other_process(tmp_path, shop):
    """A server process beside the one that is asked, which has begun a run of three tests, the last without end."""
    (shop / "tests").mkdir(exist_ok=True)
    (shop / "tests/test_a.py").write_text("def test_quick():\n    pass\n")
    (shop / "tests/test_b.py").write_text("import time\ntime.sleep(120)\n")
    child = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "begun\n"
    yield child
    child.kill()
    child.communicate()


def seen(client, words, seconds=60):
    end = time.monotonic() + seconds
    while words not in (page := client.get(PAGE)).text:
        assert time.monotonic() < end, page.text
        time.sleep(0.1)
    return page


def test_ap_19_every_server_process_knows_a_run(client, other_process, tmp_path):
    """AP-19: results of another process's run come in while it goes on; it is not begun again; it is canceled."""
    page = seen(client, "test_quick")
    assert page.headers["Refresh"]
    assert "Running" in page.text
    client.post("/admin/tests/start", data=page.hidden("main form"))
    assert "running already" in client.get(PAGE).text
    assert client.post("/admin/tests/cancel", data=page.hidden("main form")).status_code == 303
    report = finished(tmp_path, 60)
    assert "canceled" in report.problem
    assert [result.name for result in report.results] == ["tests/test_a.py:test_quick"], "what came stays"
    assert "canceled" in client.get(PAGE).text
    begin(client, tmp_path)
    assert test_jobs.report_of(tmp_path, "shop").running, "an old cancel is no order for a new run"


def test_ap_19_a_process_that_died_runs_nothing(client, other_process, tmp_path):
    """AP-19: the page says so instead of waiting for ever, and another run can begin."""
    seen(client, "test_quick")
    other_process.kill()
    page = seen(client, "has ended before them")
    assert "Refresh" not in page.headers
    assert "test_quick" in page.text
    begin(client, tmp_path)
    assert "Running" in client.get(PAGE).text


def test_ap_19_two_at_the_same_time_whichever_process_runs_them(client, other_process, tmp_path, monkeypatch):
    """AP-19: the limit holds for all processes together; the refusal names what runs."""
    monkeypatch.setattr(test_jobs, "MOST_AT_ONCE", 1)
    (tmp_path / "applications/second").mkdir()
    with pytest.raises(UserError, match="Tests of shop are running"):
        test_jobs.start(tmp_path, "second")
    assert test_jobs.report_of(tmp_path, "second") is None


def test_ap_19_a_new_application_of_an_old_name_was_not_tested(client, shop, tmp_path):
    """AP-19: the report is of the folder that was tested."""
    begin(client, tmp_path)
    finished(tmp_path)
    shop.rename(tmp_path / "kept")
    shutil.copytree(tmp_path / "kept", shop)
    assert "Not run yet" in client.get(PAGE).text
