"""Mailing new tickets to who looks after a site, each once (ERR-11, SITE-04)."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runtime.admin.tickets import application_path, export_html
from runtime.errors import TicketGroup, group_tickets, list_tickets, read_ticket, ticket_text
from runtime.errors.store import errors_folder
from runtime.foundation.files import write_atomic
from runtime.foundation.locks import file_lock
from runtime.foundation.problems import UserError
from runtime.tools.mail import Mail

MAILED = ".mailed.json"
MOST_MESSAGES = 20
"""Messages of one run: a broken site must not flood a mailbox; the next run goes on."""


@dataclass(frozen=True)
class Mailed:
    """What a run did.

    Attributes:
        messages: sent.
        tickets: told of in them.
        waiting: kinds of errors left for the next run.
    """

    messages: int
    tickets: int
    waiting: int


def mail_tickets(site: Path, application: str, mail: Mail, to: str | list[str]) -> Mailed:
    """Send one message for each kind of error with tickets that nobody was told of.

    Args:
        site: the site folder.
        application: whose tickets.
        mail: with the settings of the server.
        to: addresses.

    Raises:
        UserError: there is no such application, another run is at it, or the mail server refuses.
    """
    folder = application_path(site, application)
    errors = errors_folder(folder)
    if not errors.is_dir():
        return Mailed(0, 0, 0)
    try:
        with file_lock(errors / f"{MAILED}.lock", timeout=1.0):
            return _mail(folder, errors / MAILED, lambda *parts: _send(mail, to, *parts))
    except TimeoutError:
        raise UserError(f"another process mails the tickets of {application}") from None
    except OSError as error:
        raise UserError(
            f"the tickets of {application} can not be mailed: {error.strerror or error}"
        ) from error


def _mail(folder: Path, state: Path, send: Callable[[str, str, str], None]) -> Mailed:
    known = _read(state) & {entry.id for entry in list_tickets(folder)}  # those deleted need no memory
    messages = tickets = waiting = 0
    for group in group_tickets(folder):
        new = [ticket_id for ticket_id in group.ids if ticket_id not in known]
        if not new:
            continue
        if messages == MOST_MESSAGES:
            waiting += 1
            continue
        send(*_message(folder, group, len(new), new[0]))
        known.update(new)
        write_atomic(
            state, json.dumps(sorted(known))
        )  # at once: a refusal of the next one must not repeat this
        messages += 1
        tickets += len(new)
    return Mailed(messages, tickets, waiting)


def _read(state: Path) -> set[str]:
    try:
        found = json.loads(state.read_bytes())
    except (OSError, ValueError):
        return set()
    return set(map(str, found)) if isinstance(found, list) else set()


def _message(folder: Path, group: TicketGroup, count: int, newest: str) -> tuple[str, str, str]:
    """Return subject, text, and the ticket as a page."""
    ticket = read_ticket(folder, newest)
    what = " ".join(f"{ticket.exception}: {ticket.message}".split())[:120]
    times = "" if count == 1 else f" ({count} times)"
    text = f"{group.application}/{newest}\n\n{ticket_text(ticket)}"
    return f"[{group.application}] {what}{times}", text, export_html([ticket])


def _send(mail: Mail, to: str | list[str], subject: str, text: str, page: str) -> None:
    import io

    stream = io.BytesIO(page.encode())
    attachment = Mail.Attachment(stream, filename="ticket.html", content_type="text/html")
    if not mail.send(to=to, subject=subject, message=text, attachments=attachment):
        raise UserError(f"the message {subject!r} was not sent: {mail.error}")


def mailer_of(site: Path, application: str) -> Mail:
    """Return the mailer that an application's models set up: ``mail``, or ``auth.settings.mailer``.

    Raises:
        UserError: there is none, or the models fail.
    """
    from runtime.web.outside import models_of

    with models_of(site, application) as environment:
        auth = environment.get("auth")
        found = environment.get("mail") or (auth.settings.mailer if auth is not None else None)
    if not isinstance(found, Mail):
        raise UserError(f"the models of {application} set up no mail; --server names a server")
    return found


def mailer(server: str, sender: str, login: str = "", *, secure: str = "starttls") -> Mail:
    """Return a mailer for a server.

    Args:
        server: ``host:port``.
        sender: address.
        login: user name; the password is in the environment variable ``HADRON_MAIL_PASSWORD``.
        secure: ``starttls``, ``ssl`` or ``no``.

    Raises:
        UserError: there is no password for the login.
    """
    password = os.environ.get("HADRON_MAIL_PASSWORD", "")
    if login and not password:
        raise UserError(
            "the password for --login is expected in the environment variable HADRON_MAIL_PASSWORD"
        )
    made = Mail(server, sender, f"{login}:{password}" if login else None, tls=secure == "starttls")
    made.settings.ssl = secure == "ssl"
    return made
