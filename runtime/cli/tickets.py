"""`hadron tickets`: list, show, delete and export the tickets of a site (DESK-13, ERR-11)."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from runtime.cli.parser import UsageError
from runtime.cli.subparser import CommandGroup
from runtime.foundation.problems import UserError

EXIT_OK, EXIT_NONE = 0, 1


def run(arguments: Sequence[str]) -> int:
    """Carry out ``hadron tickets ...`` and return the exit code: 1 when there is no such ticket.

    Raises:
        UserError: the command line or a ticket is wrong.
    """
    return _group().run(arguments)


def _group() -> CommandGroup:
    group = CommandGroup("tickets", "List, show, delete, export and mail the tickets of a site.")
    listing = group.add("list", "Print tickets, newest first.", _list)
    listing.add_argument("application", nargs="?", help="default all")
    listing.add_argument("--groups", action="store_true", help="one line for each kind of error")
    shown = group.add("show", "Print one ticket.", _show)
    shown.add_argument("number", help="as shown to the visitor: APPLICATION/ID, or the id alone")
    removed = group.add("delete", "Move tickets to the bin, where they stay for 30 days.", _delete)
    removed.add_argument("numbers", nargs="*", metavar="NUMBER")
    removed.add_argument("--application", help="with --all or --older: of which application")
    removed.add_argument("--all", action="store_true", help="all of the application")
    removed.add_argument("--older", type=_days, metavar="DAYS", help="those older than so many days")
    exported = group.add("export", "Write tickets into one file, to send or to keep.", _export)
    exported.add_argument("numbers", nargs="+", metavar="NUMBER")
    exported.add_argument(
        "--format", choices=("json", "html"), help="default by the name of the file, else json"
    )
    exported.add_argument("-o", "--output", type=Path, help="the file; default the standard output")
    purpose = "Move tickets from files into the database of private/ticket_storage.txt."
    group.add("todb", purpose, _to_database).add_argument("application")
    _add_mail(group)
    return group


def _add_mail(group: CommandGroup) -> None:
    mailed = group.add(
        "mail",
        "Mail tickets that were not mailed before, one message for each kind of error. Without --server the "
        "mail settings of the application's models are used.",
        _mail,
    )
    mailed.add_argument("application")
    mailed.add_argument(
        "--to", action="append", metavar="ADDRESS", help="may be given often; default the sender"
    )
    mailed.add_argument("--server", metavar="HOST:PORT", help="the mail server")
    mailed.add_argument("--sender", metavar="ADDRESS", help="with --server")
    mailed.add_argument("--login", default="", metavar="USER", help="the password is in HADRON_MAIL_PASSWORD")
    mailed.add_argument(
        "--secure", choices=("starttls", "ssl", "no"), default="starttls", help="default starttls"
    )


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days < 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days")
    return days


def _list(site: Path, options: argparse.Namespace) -> int:
    from runtime.admin.tickets import application_path, entries_of, list_applications
    from runtime.errors import group_tickets

    if not options.groups:
        for name, entry in entries_of(site, options.application):
            print(f"{_moment(entry.time)}  {name}/{entry.id}")
        return EXIT_OK
    if options.application:
        folders = [application_path(site, options.application)]
    else:
        folders = [info.folder for info in list_applications(site)]
    groups = [group for folder in folders for group in group_tickets(folder)]
    for group in sorted(groups, key=lambda found: found.last, reverse=True):
        latest = group.latest
        what = f"{latest.exception}: {latest.message}" if latest.message else latest.exception
        line = " ".join((latest.fault or what).split())[:120]
        print(f"{_moment(group.last)}  {group.count:6}  {group.application}/{group.ids[0]}  {_plain(line)}")
    return EXIT_OK


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def _plain(text: str) -> str:
    """Leave out what a terminal would obey."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def _found(site: Path, number: str) -> tuple[Path, str]:
    from runtime.admin.tickets import find_ticket

    found = find_ticket(site, number)
    if found is None:
        raise UserError(f"there is no ticket {number[:200]!r} in {site}")
    return site / "applications" / found[0], found[1]


def _show(site: Path, options: argparse.Namespace) -> int:
    from runtime.errors import read_ticket, ticket_text

    print(_plain(ticket_text(read_ticket(*_found(site, options.number)))), end="")
    return EXIT_OK


def _delete(site: Path, options: argparse.Namespace) -> int:
    from runtime.admin.tickets import application_path
    from runtime.errors import delete_tickets, list_tickets, retain

    whole = options.all or options.older is not None
    if whole == bool(options.numbers) or (whole and not options.application):
        raise UsageError("tickets delete needs numbers, or --application with --all or --older")
    if options.older is not None:
        removed = len(retain(application_path(site, options.application), days=options.older))
    elif options.all:
        folder = application_path(site, options.application)
        removed = len(delete_tickets(folder, [entry.id for entry in list_tickets(folder)]))
    else:
        chosen = [_found(site, number) for number in options.numbers]
        removed = sum(len(delete_tickets(folder, [ticket_id])) for folder, ticket_id in chosen)
    print(f"{removed} ticket{'' if removed == 1 else 's'} moved to the bin")
    return EXIT_OK if removed else EXIT_NONE


def _export(site: Path, options: argparse.Namespace) -> int:
    from runtime.admin.tickets import export_html, export_json
    from runtime.errors import read_ticket
    from runtime.foundation.files import write_atomic

    tickets = [read_ticket(*_found(site, number)) for number in options.numbers]
    is_page = options.output is not None and options.output.suffix.lower() in (".html", ".htm")
    form = options.format or ("html" if is_page else "json")
    text = export_html(tickets) if form == "html" else export_json(tickets)
    if options.output is None:
        sys.stdout.write(text + "\n")
        return EXIT_OK
    try:
        write_atomic(options.output, text)
    except OSError as error:
        raise UserError(f"{options.output} can not be written: {error.strerror}") from error
    return EXIT_OK


def _to_database(site: Path, options: argparse.Namespace) -> int:
    from runtime.admin.tickets import application_path, to_database

    moved = to_database(application_path(site, options.application))
    print(f"{moved} ticket{'' if moved == 1 else 's'} moved into the database")
    return EXIT_OK


def _mail(site: Path, options: argparse.Namespace) -> int:
    from runtime.admin.ticket_mail import mail_tickets, mailer, mailer_of

    if options.server:
        if not options.sender:
            raise UsageError("tickets mail: --server needs --sender")
        mail = mailer(options.server, options.sender, options.login, secure=options.secure)
    else:
        mail = mailer_of(site, options.application)
    to = options.to or [mail.settings.sender]
    done = mail_tickets(site, options.application, mail, to)
    more = f"; {done.waiting} kinds of errors wait for the next run" if done.waiting else ""
    print(f"{done.tickets} tickets in {done.messages} messages{more}")
    return EXIT_OK
