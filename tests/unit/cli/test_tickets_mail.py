"""`hadron tickets mail`: new tickets, each once, to a real mail server."""

import email
import email.policy

import pytest
from aiosmtpd.controller import Controller

from runtime.admin import ticket_mail
from runtime.errors import record_error
from tests.ports import free_port


class Inbox:
    """Keeps what arrives; refuses when told to."""

    def __init__(self):
        self.messages = []
        self.refuse = False

    async def handle_DATA(self, server, session, envelope):
        if self.refuse:
            return "451 later"
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.messages.append((envelope.rcpt_tos, parsed))
        return "250 OK"


@pytest.fixture
def server():
    inbox = Inbox()
    port = free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    inbox.address = f"127.0.0.1:{port}"
    yield inbox
    controller.stop()


@pytest.fixture
def fail(site):
    """Record an error of a kind."""

    def record(kind, message="it failed"):
        path = site.write("models/x.py", f"raise {kind}({message!r})\n")
        try:
            exec(compile(path.read_text(), str(path), "exec"), {})
        except Exception as error:
            return record_error(str(site.app), "myapp", error)[0]

    return record


def test_err_11_site_04_new_tickets_are_mailed_once(site, run, folder, server, fail):
    """ERR-11, SITE-04 (tickets2email): one message for each kind, with the number and the page; the next run is silent."""
    number = fail("ValueError")
    fail("KeyError")
    words = ("tickets", "mail", *folder, "myapp", "--server", server.address, "--secure", "no", "--sender",
             "hadron@example.org", "--to", "ann@example.org", "--to", "bob@example.org")  # fmt: skip
    assert run(*words).out == "2 tickets in 2 messages\n"
    subjects = {str(message["subject"]) for _, message in server.messages}
    assert subjects == {"[myapp] ValueError: it failed", "[myapp] KeyError: 'it failed'"}
    to, message = next(pair for pair in server.messages if "ValueError" in pair[1]["subject"])
    assert to == ["ann@example.org", "bob@example.org"]
    assert number in message.get_body(("plain",)).get_content()
    (page,) = message.iter_attachments()
    assert page.get_filename() == "ticket.html"
    assert "ValueError" in page.get_content()
    assert run(*words).out == "0 tickets in 0 messages\n"
    fail("TypeError")
    assert run(*words).out == "1 tickets in 1 messages\n"


def test_err_11_a_refusal_is_said_and_tried_again(site, run, folder, server, fail):
    """ERR-11: what was not sent stays new."""
    fail("ValueError")
    words = (
        "tickets",
        "mail",
        *folder,
        "myapp",
        "--server",
        server.address,
        "--secure",
        "no",
        "--sender",
        "h@example.org",
    )
    server.refuse = True
    found = run(*words)
    assert found.code == 2
    assert "451" in found.err
    server.refuse = False
    assert run(*words).out == "1 tickets in 1 messages\n"
    assert server.messages[0][0] == ["h@example.org"]


def test_err_11_a_flood_is_bounded(site, run, folder, server, fail, monkeypatch):
    """ERR-11: a run sends a bounded number, the next one goes on."""
    monkeypatch.setattr(ticket_mail, "MOST_MESSAGES", 2)
    for kind in ("ValueError", "TypeError", "KeyError"):
        fail(kind)
    words = (
        "tickets",
        "mail",
        *folder,
        "myapp",
        "--server",
        server.address,
        "--secure",
        "no",
        "--sender",
        "h@example.org",
    )
    assert "1 kinds of errors wait" in run(*words).out
    assert run(*words).out == "1 tickets in 1 messages\n"


def test_err_11_the_applications_own_mail_settings(site, run, folder, server, fail):
    """ERR-11: without --server the models' `mail` is used; without any a sentence says so."""
    fail("ValueError")
    assert "the models of myapp failed: ValueError" in run("tickets", "mail", *folder, "myapp").err
    site.write("models/x.py", "")
    found = run("tickets", "mail", *folder, "myapp")
    assert found.code == 2
    assert "--server" in found.err
    site.write(
        "models/mail.py",
        f"from gluon.tools import Mail\nmail = Mail({server.address!r}, 'app@example.org', tls=False)\n",
    )
    assert run("tickets", "mail", *folder, "myapp").code == 0
    assert server.messages[0][0] == ["app@example.org"]


def test_the_mail_password_comes_from_the_environment(site, run, folder, fail):
    """Secrets are not on command lines."""
    fail("ValueError")
    found = run(
        "tickets", "mail", *folder, "myapp", "--server", "127.0.0.1:1", "--sender", "a@b", "--login", "ann"
    )
    assert found.code == 2
    assert "HADRON_MAIL_PASSWORD" in found.err
