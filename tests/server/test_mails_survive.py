"""Mails that wait behind the answer outlive their server: real servers, killed (ERR-04, ERR-10)."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from runtime.tools.outbox import FOLDER
from tests.mail_server import MailServer

pytestmark = pytest.mark.server
PATIENCE = 90.0  # seconds; a bound against hanging: a refused mail waits ten seconds for its next try

MODEL = """
from gluon.tools import Auth
db = DAL('sqlite://storage.sqlite')
auth = Auth(db)
auth.settings.registration_requires_verification = True
auth.define_tables(signature=False)
mail = auth.settings.mailer
mail.settings.server = '{server}'
mail.settings.sender = 'site@example.com'
mail.settings.tls = False
"""
CONTROLLER = """
def index():
    return auth.user.first_name if auth.user else 'nobody'

def user():
    if request.get_vars.slow:  # the question of this request is not answered while the process lives
        from runtime.web import afterwards
        afterwards.afterwards.add = lambda pieces, delay=0: None
    auth.messages.verify_email = 'Hello, this is your link: %(link)s'
    return dict(form=auth())
"""


class Server:
    """`hadron serve` of a site, with a visitor."""

    def __init__(self, site, log):
        command = [
            sys.executable,
            *("-c", "from desktop.launch import main; main()", "serve", "-f", site),
            *("-p", "0", "-i", "127.0.0.1", "-D", "20"),
        ]
        self.log = log
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=log.open("ab"),
            text=True,
            cwd=Path(__file__).parents[2],
        )
        self.url = ""
        self._found = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        assert self._found.wait(PATIENCE), log.read_text()
        self._visitor = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )

    def _read(self):
        for line in self.process.stdout:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found and not self.url:
                self.url = found[0]
                self._found.set()

    def page(self, path, **fields):
        data = urllib.parse.urlencode(fields).encode() if fields else None
        with self._visitor.open(f"{self.url}/shop/default/{path}", data, timeout=PATIENCE) as answer:
            return answer.read().decode()

    def fill(self, path, **fields):
        """Open a form, fill it in, send it."""
        page = self.page(path)
        for hidden in re.findall(r"<input[^>]*hidden[^>]*>", page):
            name, value = (re.search(rf'{word}="([^"]*)"', hidden) for word in ("name", "value"))
            fields.setdefault(name[1], value[1])
        return self.page(path, **fields)

    def register(self, email):
        return self.fill(
            "user/register",
            **{"first_name": "Ada", "last_name": "L", "email": email},
            **{"password": "secret-1", "password_two": "secret-1"},
        )

    def kill(self):
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=PATIENCE)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=PATIENCE)
        self.process.stdout.close()


@pytest.fixture
def server(site, tmp_path):
    app = site / "applications" / "shop"
    for name, text in (
        ("controllers/default.py", CONTROLLER),
        ("views/default/user.html", "{{=response.flash or ''}}{{=form}}"),
    ):
        path = app / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (app / "models").mkdir()
    made = []

    def start(mails):
        (app / "models" / "db.py").write_text(MODEL.format(server=mails.address))
        made.append(Server(site, tmp_path / "log.txt"))
        return made[-1]

    yield start
    for one in made:
        one.close()


@pytest.fixture
def mails():
    made = MailServer(refusing=True)
    yield made
    made.end()


def until(condition, what):
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end, f"{what} did not come true"
        time.sleep(0.05)
    return found


def waiting(site):
    return sorted((site / FOLDER).glob("*.mail"))


def tried(site):
    """Tell for how many mails delivery was tried, once or more often."""
    return sum(bool(re.search(r'"tries": [1-9]', path.read_text())) for path in waiting(site))


def link_in(text):
    return re.search(r"http://127\.0\.0\.1:\d+/shop/default/(\S+)", text)[1]


def test_a_killed_server_loses_no_mail(server, site, mails):
    """ERR-04: refused, then kill -9, then a new server: each mail comes once, as its page had made it."""
    first = server(mails)
    first.register("ada@example.com")
    assert mails.called.wait(PATIENCE), first.log.read_text()
    until(lambda: tried(site), "the first try")
    first.kill()
    assert len(waiting(site)) == 1
    mails.refusing = False
    assert not mails.mails
    second = server(mails)
    until(lambda: not waiting(site), "the delivery")
    (text,) = mails.mails
    assert "To: ada@example.com" in text
    assert "Hello, this is your link" in text, "words of the controller are kept, not made anew"
    second.page(link_in(text))
    second.fill("user/login", email="ada@example.com", password="secret-1")
    assert second.page("index") == "Ada"
    key = text.partition("verify_email/")[2].split()[0]
    assert key not in first.log.read_text(), "no log tells what stood in it"


def test_a_question_that_was_not_answered_is_asked_again(server, site, mails):
    """ERR-04, SEC: killed between the page and the look into the table of users: the next server looks, for everybody."""
    mails.refusing = False
    first = server(mails)
    first.register("ada@example.com")
    until(lambda: len(mails.mails) == 1 and not waiting(site), "the first mail")
    for address in ("ada@example.com", "nobody@example.com"):
        first.fill("user/request_reset_password?slow=1", email=address)
    assert len(waiting(site)) == 2
    assert len({path.stat().st_size for path in waiting(site)}) <= 2
    first.kill()
    second = server(mails)
    until(lambda: not waiting(site), "the answers")
    assert len(mails.mails) == 2
    assert "reset_password?key=" in mails.mails[1]
    second.page(link_in(mails.mails[1]))
    second.fill("user/reset_password", new_password="another-1", new_password2="another-1")
    assert second.page("index") == "Ada", "the key was stored"


def test_two_servers_of_a_site_send_nothing_twice(server, site, mails):
    """ERR-10: what one of them leaves behind is sent by the other one, which lives, and only once."""
    one, other = server(mails), server(mails)
    for number in range(3):
        one.register(f"one{number}@example.com")
        other.register(f"other{number}@example.com")
    until(lambda: tried(site) == 6, "a try of each")
    one.kill()
    mails.refusing = False
    until(lambda: not waiting(site), "the delivery")
    receivers = sorted(re.search(r"^To: (\S+)", text, re.M)[1] for text in mails.mails)
    assert receivers == sorted([f"{who}{n}@example.com" for who in ("one", "other") for n in range(3)])
    assert other.process.poll() is None
