"""Mails that verify addresses: behind the answer, kept until they went out, asked for anew."""

from __future__ import annotations

import shutil
import sqlite3
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from runtime.tools.auth import throttle
from runtime.tools.letter_carrier import LetterCarrier
from runtime.tools.outbox import ASIDE, FOLDER, Outbox
from runtime.web import afterwards as behind
from runtime.web.afterwards import afterwards
from tests.mail_server import MailServer

sys.path.insert(0, str(Path(__file__).parent))
from auth_site import Visitor, build, links, mails

VERIFY = "auth.settings.registration_requires_verification = True"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("runtime.dal.passwords.DEFAULT_ALGORITHM", "scrypt(1024,8,1)")


@pytest.fixture
def server():
    made = MailServer(delay=60)
    yield made
    made.end()


def sql(site, statement, *values):
    with sqlite3.connect(site.app / "databases" / "storage.sqlite") as connection:
        return connection.execute(statement, values).fetchall()


def waiting(site, below=""):
    return sorted((site.root / FOLDER / below).glob("*.mail"))


def through(site, server):
    """Let the mails of the application go to a server from now on; text in front of which there is none."""
    path = site.app / "models" / "db.py"
    path.write_text(path.read_text().replace("'logging:mails.txt'", f"'{server}'"))


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)
    return found


def test_registering_does_not_wait_for_the_mail(site, server):
    """AUTH, ERR-04: the page comes while the server of mails has not even greeted; the mail is on the disk meanwhile."""
    build(site, settings=VERIFY)
    through(site, server.address)
    visitor = Visitor(site)
    visitor.register()
    assert visitor.page.status_code == 303
    assert server.called.wait(60)
    assert not server.mails
    assert len(waiting(site)) == 1
    server.open.set()
    assert afterwards.settle(60)
    assert not waiting(site)
    (text,) = server.mails
    link = text.partition("http://localhost")[2].split()[0]
    visitor.client.get(link)
    visitor.login()
    assert visitor.is_in()


def test_a_link_that_never_came_is_sent_anew(site, monkeypatch):
    """AUTH: after the last try the mail lies aside, a ticket says so, and the user gets a new one by logging in."""
    monkeypatch.setattr(behind, "RETRIES", (0.01,))
    build(site, settings=VERIFY)
    through(site, "127.0.0.1:1")
    visitor = Visitor(site)
    visitor.register()
    until(lambda: waiting(site, ASIDE))
    (ticket,) = until(site.tickets)
    key = sql(site, "select registration_key from auth_user")[0][0]
    assert key in waiting(site, ASIDE)[0].read_text(), "nothing is lost"
    assert key not in ticket.read_text(errors="replace"), "and nothing is told"
    model = site.app / "models" / "db.py"
    model.write_text(model.read_text().replace("'127.0.0.1:1'", "'logging:mails.txt'"))
    visitor.login(password="wrong")
    assert mails(site) == [], "a stranger makes nobody get mails"
    visitor.login()
    assert "needs verification" in visitor.page.text
    assert len(mails(site)) == 1
    (link,) = links(site)
    assert link.endswith(key), "a link of an earlier mail that comes late works too"
    visitor.client.get(link)
    visitor.login()
    assert visitor.is_in()


def test_the_other_way_is_a_new_password(site, monkeypatch):
    """AUTH: the link for a new password proves the address, too: nobody is stuck half registered."""
    monkeypatch.setattr(behind, "RETRIES", ())
    build(site, settings=VERIFY)
    through(site, "127.0.0.1:1")
    visitor = Visitor(site)
    visitor.register()
    until(lambda: waiting(site, ASIDE))
    model = site.app / "models" / "db.py"
    model.write_text(model.read_text().replace("'127.0.0.1:1'", "'logging:mails.txt'"))
    visitor.fill("user/request_reset_password", email="ada@example.com")
    mails(site)
    visitor.client.get(links(site)[0])
    visitor.fill("user/reset_password", new_password="another-1", new_password2="another-1")
    assert visitor.is_in()


def test_a_late_link_is_replaced_and_mails_are_few(site, monkeypatch):
    """AUTH, SEC: a key that is about to end gets a successor; many logins make no flood of mails."""
    monkeypatch.setattr(throttle.MAILS, "free", 2)
    now = time.time()
    monkeypatch.setattr("runtime.tools.attempts.time", SimpleNamespace(time=lambda: now))
    build(site, settings=VERIFY)
    visitor = Visitor(site)
    visitor.register()
    assert len(mails(site)) == 1
    old = f"{int(time.time()) - 5 * 86400}-aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb"
    sql(site, "update auth_user set registration_key = ?", old)
    for _ in range(5):
        visitor.login()
    assert len(mails(site)) == 1 + 2
    new = sql(site, "select registration_key from auth_user")[0][0]
    assert new != old
    assert links(site)[0].endswith(new)


def test_waiting_for_the_board_makes_no_mail(site):
    """AUTH: accounts that were blocked or wait for approval get no link by logging in."""
    build(site, settings=VERIFY)
    visitor = Visitor(site)
    visitor.register()
    before = len(mails(site))
    for mark in ("pending", "blocked", "suspended"):
        sql(site, "update auth_user set registration_key = ?", mark)
        visitor.login()
        assert len(mails(site)) == before


def test_a_mail_that_nobody_needs_any_more_is_not_sent(site, server):
    """AUTH: an account that was deleted, or let in by hand, while its mail waited gets none."""
    build(site, settings=VERIFY)
    through(site, server.address)
    visitor = Visitor(site)
    for number in range(behind.THREADS):  # these two keep the threads busy
        visitor.register(email=f"busy{number}@example.com")
    until(server.called.is_set)
    visitor.register()
    assert visitor.page.status_code == 303
    sql(site, "update auth_user set registration_key = '' where email = 'ada@example.com'")
    server.open.set()
    assert afterwards.settle(60)
    assert len(server.mails) == behind.THREADS
    assert not waiting(site)
    assert not site.tickets()


def test_a_registration_that_fails_leaves_no_mail(site, server):
    """FLOW-10: what is rolled back sends nothing, now or after a restart."""
    build(site, settings=f"{VERIFY}\nauth.settings.register_onaccept = lambda form: 1/0")
    through(site, server.address)
    visitor = Visitor(site)
    visitor.register()
    assert visitor.page.status_code == 500
    assert sql(site, "select count(*) from auth_user") == [(0,)]
    assert not waiting(site)
    assert afterwards.settle(60)
    assert not server.called.is_set()


def test_a_full_outbox_makes_no_account(site, monkeypatch):
    """AUTH, SEC: an account whose link can not even wait is not made, and the visitor is told."""
    monkeypatch.setattr("runtime.tools.outbox.MOST", 0)
    build(site, settings=VERIFY)
    visitor = Visitor(site)
    visitor.register()
    assert sql(site, "select count(*) from auth_user") == [(0,)]
    assert "Unable to send email" in visitor.flash


def test_a_server_that_starts_anew_in_its_process_goes_on(site, server, monkeypatch):
    """ERR-04, DESK-10: stopping tries once more, counts nothing and loses nothing; the next start sends, by the models."""
    build(site, settings=VERIFY)
    through(site, "127.0.0.1:1")
    first = LetterCarrier(site.root)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(behind, "THREADS", 0)
        Visitor(site).register()
    assert afterwards.close(20)
    first.stop()
    assert '"tries": 0' in waiting(site)[0].read_text()
    assert not site.tickets()
    model = site.app / "models" / "db.py"
    model.write_text(model.read_text().replace("'127.0.0.1:1'", f"'{server.address}'"))
    server.open.set()
    second = LetterCarrier(site.root)
    try:
        until(lambda: server.mails)
        until(lambda: not waiting(site))
    finally:
        second.stop()
    assert len(server.mails) == 1
    key = sql(site, "select registration_key from auth_user")[0][0]
    assert f"verify_email/{key}" in server.mails[0]


def test_what_waits_when_a_server_ends_is_sent_by_one_alone(site, server):
    """ERR-10: a mail that was put off is the next server's once this one has ended, though its process goes on."""
    build(site, settings=VERIFY)
    through(site, "127.0.0.1:1")
    first = LetterCarrier(site.root)
    Visitor(site).register()
    until(lambda: '"tries": 1' in waiting(site)[0].read_text())
    until(lambda: afterwards._waiting)
    first.stop()
    assert not afterwards._waiting
    assert [content["tries"] for _, content in Outbox(site.root).adopt()] == [1]


def test_an_application_that_is_gone_is_not_brought_back(site, monkeypatch):
    """ERR-10: a mail of an application that was removed lies aside; no ticket makes a folder for it."""
    build(site, settings=VERIFY)
    first = LetterCarrier(site.root)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(behind, "THREADS", 0)
        Visitor(site).register()
        afterwards.close(0)
    first.stop()
    shutil.rmtree(site.app)
    second = LetterCarrier(site.root)
    try:
        assert len(until(lambda: waiting(site, ASIDE))) == 1
    finally:
        second.stop()
    assert not site.app.exists()


def test_models_that_fail_keep_the_mail(site, server, monkeypatch):
    """ERR-10: an application that can not load after the restart gets more tries, then a ticket; the mail lies aside."""
    monkeypatch.setattr(behind, "RETRIES", (0.01,))
    build(site, settings=VERIFY)
    through(site, server.address)
    first = LetterCarrier(site.root)
    monkeypatch.setattr(behind, "THREADS", 0)
    Visitor(site).register()
    afterwards.close(0)
    first.stop()
    monkeypatch.setattr(behind, "THREADS", 2)
    site.model("1/0")
    second = LetterCarrier(site.root)
    try:
        (ticket,) = until(site.tickets)
        assert "models of myapp failed" in ticket.read_text()
        assert len(until(lambda: waiting(site, ASIDE))) == 1
    finally:
        second.stop()


def test_without_a_disk_mails_wait_in_memory(site, caplog):
    """ERR-04: a site folder that can not be written costs the durability, not the mail."""
    (site.root / FOLDER).parent.mkdir()
    (site.root / FOLDER).write_text("a file where the folder should be")
    build(site, settings=VERIFY)
    visitor = Visitor(site)
    visitor.register()
    assert len(mails(site)) == 1
    assert "waits in memory only" in caplog.text
