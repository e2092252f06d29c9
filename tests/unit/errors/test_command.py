"""`hadron tickets`, and what an administrator does with tickets beside reading."""

from __future__ import annotations

import json
import time

import pytest

from runtime.admin import tickets as admin
from runtime.cli.main import main
from runtime.errors import (
    Ticket,
    TicketError,
    capture,
    group_tickets,
    list_tickets,
    read_ticket,
    store_ticket,
    ticket_html,
    ticket_text,
)


@pytest.fixture
def site(shop):
    return shop.folder.parents[1]


def make(shop, body="1/0") -> Ticket:
    ticket = capture("shop", shop.error(body))
    store_ticket(shop.folder, ticket)
    return ticket


def test_list_show_delete(shop, site, capsys):
    """DESK-13, ERR-11"""
    ticket = make(shop, "raise ValueError('bell \\a here')")
    assert main(["tickets", "list", "-f", str(site)]) == 0
    assert f"shop/{ticket.id}" in capsys.readouterr().out
    assert main(["tickets", "list", "shop", "--groups", "-f", str(site)]) == 0
    assert "ValueError" in capsys.readouterr().out
    assert main(["tickets", "show", f"shop/{ticket.id}", "-f", str(site)]) == 0
    shown = capsys.readouterr().out
    assert "controllers/default.py" in shown
    assert "\a" not in shown
    assert main(["tickets", "delete", ticket.id, "-f", str(site)]) == 0
    assert list_tickets(shop.folder) == []


def test_delete_all_and_older(shop, site, capsys):
    make(shop), make(shop)
    (shop.errors / "1.2.3.4.2021-01-01.10-00-00.abc.json").write_text("{}")
    assert main(["tickets", "delete", "--application", "shop", "--older", "30", "-f", str(site)]) == 0
    assert len(list_tickets(shop.folder)) == 2
    assert main(["tickets", "delete", "--application", "shop", "--all", "-f", str(site)]) == 0
    assert list_tickets(shop.folder) == []
    assert main(["tickets", "delete", "--all", "-f", str(site)]) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "../../etc/passwd"],
        ["show", "shop/1.2.3.4.2021-01-01.10-00-00.none"],
        ["list", "../.."],
        ["list", "nosuch"],
        ["paint"],
        ["delete"],
        ["delete", "--application", "shop", "--older", "-1"],
        [],
    ],
)
def test_wrong_orders_are_refused_in_one_line(shop, site, arguments, capsys):
    folder = ["-f", str(site)] if arguments else []
    assert main(["tickets", *arguments, *folder]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("hadron: ")
    assert said.err.count("\n") == 1


def test_tk_20_export_and_look_at_someones(shop, site, tmp_path, capsys):
    """TK-20"""
    first, second = make(shop), make(shop, "html = '<script>x</script>'\nraise KeyError(html)")
    page, data = tmp_path / "out.html", tmp_path / "out.json"
    numbers = [first.id, second.id]
    assert main(["tickets", "export", *numbers, "-o", str(data), "-f", str(site)]) == 0
    assert [ticket.id for ticket in admin.read_exported(data)] == numbers
    assert main(["tickets", "export", second.id, "-o", str(page), "-f", str(site)]) == 0
    text = page.read_text("utf-8")
    assert "KeyError" in text
    assert "<script>x" not in text
    assert main(["tickets", "export", *numbers, "--format", "html", "-f", str(site)]) == 0
    assert "&lt;script&gt;" not in capsys.readouterr().out.replace("&amp;lt;script&amp;gt;", "")
    main(["tickets", "delete", *numbers, "-f", str(site)])
    assert admin.add_imported(shop.folder, admin.read_exported(data)) == 2
    assert admin.add_imported(shop.folder, admin.read_exported(data)) == 0
    assert read_ticket(shop.folder, first.id).traceback == first.traceback


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"hadron_tickets": 1, "tickets": []}', '{"id": 5}', "[" * 100_000]
)
def test_tk_20_wrong_files_are_refused(tmp_path, text):
    path = tmp_path / "sent.json"
    path.write_text(text)
    with pytest.raises(TicketError):
        admin.read_exported(path)


def test_tk_20_import_can_not_leave_the_folder(shop):
    evil = Ticket("../../../evil", "shop", "", "x", "E", "m")
    with pytest.raises(TicketError, match="is no ticket number"):
        admin.add_imported(shop.folder, [evil])


def test_tk_04_a_number_is_found_however_it_is_pasted(shop, site):
    """TK-04"""
    ticket = make(shop)
    for text in (
        ticket.id,
        f"  shop/{ticket.id}\n",
        f"http://127.0.0.1:8000/admin/default/ticket/shop/{ticket.id}",
        f"<https://host/admin/default/ticket/shop/{ticket.id}?x=1>",
        f"other/{ticket.id}",
    ):
        assert admin.looks_like_number(text)
        assert admin.find_ticket(site, text) == ("shop", ticket.id)
    assert admin.find_ticket(site, "shop/division by zero") is None
    assert not admin.looks_like_number("division by zero")


def test_tk_11_solve_ignore_reopen_again(shop):
    """TK-11"""
    make(shop)
    now = time.time()

    def state():
        (group,) = group_tickets(shop.folder)
        return admin.state_of(group, admin.read_marks(shop.folder).get(group.key), now)

    def groups():
        return group_tickets(shop.folder)

    assert state() == "new"
    admin.mark_seen(shop.folder, [groups()[0].key])
    assert state() == "open"
    admin.mark_groups(shop.folder, groups(), "solved")
    assert state() == "solved"
    make(shop)
    assert state() == "again"
    admin.mark_groups(shop.folder, groups(), "ignored", until_count=2)
    make(shop)
    assert state() == "ignored"
    make(shop)
    assert state() == "open"
    admin.mark_groups(shop.folder, groups(), "ignored", until_time=now + 100)
    assert state() == "ignored"
    now += 200
    assert state() == "open"
    admin.mark_groups(shop.folder, groups(), "ignored")
    assert state() == "ignored"
    admin.mark_groups(shop.folder, groups(), "open")
    assert state() == "open"


def test_broken_states_are_no_obstacle(shop):
    shop.errors.mkdir()
    for text in ("{", "[]", '{"a": 5}', '{"a": {"state": "odd"}}', '{"a": {"at": "x"}}'):
        (shop.errors / ".states.json").write_text(text)
        assert admin.read_marks(shop.folder) == {}
        admin.mark_seen(shop.folder, ["k"])
        assert admin.read_marks(shop.folder)["k"].seen


def test_site_04_tickets_into_the_database(shop, site, capsys):
    """SITE-04"""
    ticket = make(shop)
    assert main(["tickets", "todb", "shop", "-f", str(site)]) == 2
    assert "private/ticket_storage.txt" in capsys.readouterr().err
    (shop.folder / "private").mkdir()
    (shop.folder / "private" / "ticket_storage.txt").write_text("sqlite://tickets.sqlite")
    assert main(["tickets", "todb", "shop", "-f", str(site)]) == 0
    assert shop.files() == []
    assert read_ticket(shop.folder, ticket.id).traceback == ticket.traceback


def test_tk_10_text_and_markdown_for_a_bug_report(shop):
    """TK-10"""
    ticket = make(shop, "raise ValueError('a ``` b\\n# head')")
    text = ticket_text(ticket)
    assert "controllers/default.py" in text
    assert ticket.id in text
    markdown = ticket_text(ticket, markdown=True)
    assert markdown.startswith("**ValueError: a ``` b # head**")
    assert "\n````text\n" in markdown


def test_the_page_to_send_has_no_outside_part(shop):
    page = ticket_html(make(shop, "x = 'http://outside.example/x.js'\n1/0"))
    assert "src=" not in page
    assert "href=" not in page
    assert json.dumps(page)


def test_classes_of_the_page_are_not_those_of_the_colors(shop):
    """Names in code keep their places: only line numbers are set apart."""
    page = ticket_html(make(shop, "lamp = 1\n1/0"))
    assert page.count('class="number"') == page.count('class="line')
    assert "span.n{" not in page
