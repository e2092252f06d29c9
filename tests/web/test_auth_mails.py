"""Mails of links: they go out behind the answer, are tried again, and are not lost in silence."""

from __future__ import annotations

import re
import statistics
import sys
import time
from pathlib import Path

import pytest

from runtime.errors import read_ticket
from runtime.tools.auth import throttle
from runtime.web import afterwards as behind
from runtime.web.afterwards import Afterwards, afterwards
from tests.mail_server import MailServer
from tests.ports import free_port

sys.path.insert(0, str(Path(__file__).parent))
from auth_site import Visitor, build, links, mails


@pytest.fixture
def slow():
    made = []

    def make(delay=60.0):
        made.append(MailServer(delay=delay))
        return made[-1]

    yield make
    for server in made:
        server.end()


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("runtime.dal.passwords.DEFAULT_ALGORITHM", "scrypt(1024,8,1)")
    monkeypatch.setattr(throttle.MAILS, "free", 1000)


def _later(site, server):
    """Let the mails of an application go to `server` from now on."""
    path = site.app / "models" / "db.py"
    path.write_text(path.read_text().replace("'logging:mails.txt'", f"'{server}'"))


def _until(condition, seconds=60):
    """Wait until something is true; return it."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)
    return found


@pytest.mark.parametrize("page", ["request_reset_password", "retrieve_password"])
def test_the_answer_does_not_wait_for_the_mail(site, slow, page):
    """ERR-04: the page comes while the mail server has not even greeted; the mail goes out all the same."""
    server = slow()
    build(site)
    visitor = Visitor(site)
    visitor.register()
    _later(site, server.address)
    visitor.fill(f"user/{page}", email="ada@example.com")
    assert visitor.page.status_code == 303
    assert server.called.wait(60)
    assert not server.mails
    server.open.set()
    assert afterwards.settle(60)
    assert len(server.mails) == 1
    text = server.mails[0]
    (link,) = re.findall(r"http://localhost(/\S+)", text)
    visitor.client.get(link)
    visitor.fill("user/reset_password", new_password="another-1", new_password2="another-1")
    assert visitor.is_in(), "the key was stored"


@pytest.mark.parametrize(
    ("page", "username"), [("request_reset_password", "False"), ("retrieve_username", "True")]
)
def test_the_time_tells_nothing(site, slow, page, username):
    """SEC: known and unknown addresses are answered in the same time, however slow the mail server is."""
    server = slow(delay=3.0)
    build(site, username=username)
    visitor = Visitor(site)
    more = {"username": "ada"} if username == "True" else {}
    visitor.register(**more)
    _later(site, server.address)
    by_name = username == "True" and page == "request_reset_password"
    times = {"ada@example.com": [], "nobody@example.com": []}
    visitor.fill(f"user/{page}", email="warm@example.com")
    for _ in range(7):
        for address, taken in times.items():
            visitor.get(f"user/{page}")
            began = time.perf_counter()
            visitor.send(f"user/{page}", **{"username" if by_name else "email": address})
            taken.append(time.perf_counter() - began)
            assert visitor.page.status_code == 303
    known, unknown = (statistics.median(taken) for taken in times.values())
    assert abs(known - unknown) < 1.0, times
    server.open.set()
    assert afterwards.settle(60)
    assert len(server.mails) == 7


def test_a_mail_is_tried_again_and_then_ticketed(site, slow, monkeypatch):
    """ERR-10: a mail server that is down for a moment loses nothing; one that stays down leaves a ticket."""
    monkeypatch.setattr(behind, "RETRIES", (0.01, 0.01))
    build(site)
    visitor = Visitor(site)
    visitor.register()
    _later(site, f"127.0.0.1:{free_port()}")
    visitor.fill("user/request_reset_password", email="ada@example.com")
    assert visitor.page.status_code == 303
    _until(site.tickets)
    (ticket,) = site.tickets()
    text = str(read_ticket(site.app, ticket.name))
    assert "mail was not sent" in text
    assert "reset_password?key" not in text
    closed_after = site.tickets()
    visitor.fill("user/request_reset_password", email="nobody@example.com")
    assert afterwards.settle(60)
    assert site.tickets() == closed_after, "an unknown address is no error"


def test_a_second_try_succeeds(site, monkeypatch):
    """ERR-10: what failed once goes out with the next try, with the same limits."""
    monkeypatch.setattr(behind, "RETRIES", (0.01, 0.01))
    flaky = """
class Flaky(type(mail)):
    count = 0
    def _deliver(self, *parts):
        Flaky.count += 1
        import os
        path = os.path.join(request.folder, 'tries.txt')
        with open(path, 'a') as stream:
            stream.write('.')
        if os.path.getsize(path) < 3:
            raise ConnectionRefusedError('not yet')
        super()._deliver(*parts)
mail = auth.settings.mailer = Flaky('logging:mails.txt', 'site@example.com')
"""
    build(site, after=flaky)
    visitor = Visitor(site)
    (site.app / "tries.txt").write_text("...")
    visitor.register()
    (site.app / "tries.txt").write_text("")
    visitor.fill("user/request_reset_password", email="ada@example.com")
    _until(lambda: (site.app / "tries.txt").stat().st_size == 3)
    assert afterwards.settle(60)
    assert len(mails(site)) == 1
    assert "reset_password?key=" in links(site)[0]
    assert not site.tickets()


def test_work_outside_of_a_request_is_done_at_once():
    done = []
    behind.after_answer(lambda: done.append(1), "a test")
    assert done == [1]


def test_work_of_a_request_that_failed_is_not_done(site):
    """FLOW-10: what is rolled back leaves no work."""
    site.controller(
        "from runtime.web.afterwards import after_answer\n"
        "from pathlib import Path\n"
        "def bad():\n    after_answer(lambda: Path(request.folder, 'done').touch(), 'a test')\n    raise ValueError\n"
        "def good():\n    after_answer(lambda: Path(current.request.folder, 'good').touch(), 'a test')\n    return 'x'\n"
        "from gluon import current\n"
    )
    client = site.client()
    assert client.get("/myapp/default/bad").status_code == 500
    assert client.get("/myapp/default/good").status_code == 200
    assert afterwards.settle(60)
    assert (site.app / "good").exists()
    assert not (site.app / "done").exists()


def test_what_waits_is_bounded(site, monkeypatch, caplog):
    """SEC: work that finds no place is refused and told."""
    monkeypatch.setattr(behind, "MOST", 1)
    monkeypatch.setattr(behind, "THREADS", 0)
    ours = Afterwards()
    site.controller("def index():\n    return 'x'\n")
    site.client().get("/myapp/default/index")
    pieces = [behind._Piece(behind._Call(lambda: None, "a test")) for _ in range(2)]
    ours.add(pieces)
    assert "too much is waiting" in caplog.text
    assert not ours.close(0.01)
    assert "the server ended" in caplog.text


def test_work_that_raises_http_ends_no_thread(site):
    """ERR-10: whatever the work raises, there is a ticket, and the next work is done."""
    site.controller(
        "from runtime.web.afterwards import after_answer\nfrom pathlib import Path\n"
        "def fail(): raise HTTP(403, 'no')\n"
        "def bad():\n    after_answer(fail, 'a test')\n    return 'x'\n"
        "def good():\n    folder = request.folder\n"
        "    after_answer(lambda: Path(folder, 'good').touch(), 'a test')\n    return 'x'\n"
    )
    client = site.client()
    for _ in range(3):
        assert client.get("/myapp/default/bad").status_code == 200
    assert client.get("/myapp/default/good").status_code == 200
    assert afterwards.settle(60)
    assert (site.app / "good").exists()
    assert site.tickets()
