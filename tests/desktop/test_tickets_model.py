"""Rows, filters and words of the panel Tickets, without a window."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from tickets_site import DAY, fill, ticket

from desktop.panels.tickets.model import (
    Filter,
    Reader,
    Snapshot,
    ago,
    chosen,
    counts_of,
    empty_words,
    fingerprint_of,
    last_days,
    merged,
    news,
    ordered,
)
from desktop.panels.tickets.opened import changed_code, open_ticket, repeat_of
from desktop.shell.own_editor import command_for
from runtime.admin.tickets import mark_groups
from runtime.errors import Ticket, TicketSettings, write_settings
from runtime.errors.store import SECRETS

NOW = time.time()


@pytest.fixture
def site(tmp_path) -> Path:
    fill(tmp_path, NOW)
    return tmp_path


def read(site: Path, reader: Reader | None = None, seconds: float = 60.0) -> Snapshot:
    return (reader or Reader()).read(site, lambda: None, seconds)


def names(rows) -> list[str]:
    return [row.exception for row in rows]


def test_tk_01_02_groups_with_place_count_and_days(site):
    """TK-01, TK-02"""
    snapshot = read(site)
    row = snapshot.groups[0]
    assert (row.exception, row.message, row.where) == (
        "ZeroDivisionError",
        "division by zero",
        "controllers/default.py:16",
    )
    assert (row.application, row.count, len(row.ids)) == ("shop", 41, 4)
    assert len(row.days) == 14
    assert sum(row.days) == 41
    assert row.first < row.last
    assert row.state == "new"


def test_tk_03_single_tickets_by_time(site):
    """TK-03"""
    tickets = read(site).tickets
    assert [row.last for row in tickets] == sorted((row.last for row in tickets), reverse=True)
    assert len(tickets) == sum(len(row.ids) for row in read(site).groups)


def test_tk_05_filters_combine(site):
    """TK-05"""
    groups = read(site).groups
    assert names(chosen(groups, Filter(exception="KeyError"), NOW)) == ["KeyError"]
    assert {row.application for row in chosen(groups, Filter(application="lab"), NOW)} == {"lab"}
    assert names(chosen(groups, Filter(text="locked store.py"), NOW)) == ["OperationalError"]
    assert chosen(groups, Filter(text="locked", application="shop"), NOW) == []
    assert "UnicodeDecodeError" not in names(chosen(groups, Filter(period="week"), NOW))
    assert "UnicodeDecodeError" in names(chosen(groups, Filter(period="month"), NOW))
    assert names(chosen(groups, Filter(state="solved", period="all"), NOW)) == ["AttributeError"]
    assert names(chosen(groups, Filter(state="again"), NOW)) == ["OperationalError"]
    assert len(chosen(groups, Filter(text="127.0.0.1"), NOW)) > 3
    assert chosen(groups, Filter(text="10.9.9.9"), NOW) == []
    assert chosen(groups, Filter(client="10.9.9.9"), NOW) == []
    assert "KeyError" in names(chosen(groups, Filter(client="127.0.0.1"), NOW))
    assert names(chosen(groups, Filter(file="models/db.py"), NOW)) == ["KeyError"]


def test_chips_count_what_they_would_show(site):
    rows = chosen(read(site).groups, Filter(state=""), NOW)
    counts = counts_of(rows)
    for state, count in counts.items():
        assert len(chosen(rows, Filter(state=state), NOW)) == count


def test_order_by_each_column(site):
    groups = read(site).groups
    counts = [row.count for row in ordered(groups, "count", True)]
    assert counts == sorted(counts, reverse=True)
    places = [row.where for row in ordered(groups, "where", False)]
    assert places == sorted(places)


def test_tk_13_new_lines_wait_and_known_ones_keep_their_place(site):
    """TK-13"""
    shown = list(read(site).groups)
    ticket(site, "lab", "LookupError", "fresh", "controllers/default.py", 2, NOW + 1, number=1)
    ticket(site, "shop", "KeyError", "'price'", "models/db.py", 88, NOW + 2, number=2)
    kept, waiting = merged(shown, read(site).groups)
    assert [row.key for row in kept] == [row.key for row in shown]
    assert waiting == 1
    assert next(row for row in kept if row.exception == "KeyError").count == 4


def test_tk_14_news_are_new_kinds_and_those_that_came_back(site):
    """TK-14"""
    before = read(site)
    ticket(site, "shop", "KeyError", "'price'", "models/db.py", 88, NOW + 2, number=2)
    assert news(before, read(site)).kinds == ()
    assert news(before, read(site)).errors == 1
    ticket(site, "lab", "LookupError", "fresh", "controllers/default.py", 2, NOW + 3, number=3)
    ticket(
        site,
        "shop",
        "AttributeError",
        "'NoneType' object has no attribute 'id'",
        "models/menu.py",
        9,
        NOW + 4,
        number=4,
    )
    assert sorted(names(news(before, read(site)).kinds)) == ["AttributeError", "LookupError"]


def test_tk_16_unreadable_ones_are_one_line_with_the_reason(site):
    """TK-16"""
    row = next(row for row in read(site).groups if row.unreadable)
    assert row.title() == "2 tickets can't be read"
    assert "can not be read" in row.message
    opened = open_ticket(row, row.ids[0])
    assert opened.ticket is None
    assert "broken" in opened.raw


def test_tk_19_reading_goes_on_piece_by_piece(site):
    """TK-19: the list is there before the contents are, and reading again opens nothing twice."""
    reader = Reader()
    first = read(site, reader, seconds=-1)
    assert (first.read, first.complete) == (0, False)
    assert first.total > 10
    assert read(site, reader).complete
    opened = []
    import desktop.panels.tickets.model as model

    real = model.read_summary
    try:
        model.read_summary = lambda folder, entry: opened.append(entry) or real(folder, entry)
        assert read(site, reader).complete
        assert opened == []
        ticket(site, "lab", "LookupError", "fresh", "controllers/default.py", 2, NOW, number=9)
        read(site, reader)
    finally:
        model.read_summary = real
    assert len(opened) == 1


def test_tk_15_the_source_of_a_database_is_read_alike(tmp_path):
    """TK-15"""
    from runtime.errors import capture, store_ticket

    shop = tmp_path / "applications" / "shop"
    (shop / "private").mkdir(parents=True)
    (shop / "controllers").mkdir()
    (shop / "private" / "ticket_storage.txt").write_text("sqlite://tickets.sqlite")
    try:
        1 / 0
    except ZeroDivisionError as error:
        store_ticket(shop, capture("shop", error))
    (row,) = read(tmp_path).groups
    assert row.exception == "ZeroDivisionError"
    assert row.sources[row.ids[0]] == "database"
    (shop / "private" / "ticket_storage.txt").write_text("nosuch://x")
    snapshot = read(tmp_path)
    assert "shop" in snapshot.problems[0]
    assert empty_words(snapshot, Filter(), NOW).startswith("Tickets can't be listed.")


def test_tk_23_words_of_an_empty_list(tmp_path, site):
    """TK-23"""
    (tmp_path / "other" / "applications").mkdir(parents=True)
    assert empty_words(read(tmp_path / "other"), Filter(), NOW).startswith("No errors.")
    snapshot = read(site)
    for row in snapshot.groups:
        if row.folder and row.group and not row.unreadable:
            mark_groups(row.folder, [row.group], "solved")
    for path in site.glob("applications/lab/errors/10.0.0.*"):
        path.unlink()
    words = empty_words(read(site), Filter(), NOW)
    assert words == "No open errors. The last one was 2 min ago (shop)."
    assert empty_words(read(site), Filter(text="xyz"), NOW) == "No ticket matches the filter."


def test_tk_09_code_that_changed_since_is_told(site):
    """TK-09"""
    row = read(site).groups[0]
    assert open_ticket(row, row.ids[0]).now == {}
    source = site / "applications/shop/controllers/default.py"
    source.write_text(source.read_text().replace("100 / len", "200 / len"))
    ((number, lines),) = open_ticket(row, row.ids[0]).now.items()
    assert number == 2
    assert any("200 / len" in text for _, text in lines)
    source.unlink()
    assert open_ticket(row, row.ids[0]).now == {2: []}


def test_tk_09_a_hidden_secret_is_no_change(site):
    """TK-09: the recorded line says [hidden] where the file has the secret."""
    row = read(site).groups[0]
    opened = open_ticket(row, row.ids[0])
    source = site / "applications/shop/controllers/default.py"
    first, *rest = opened.ticket.frames[2].source
    text = source.read_text().replace(first[1], "key = 'geheim1'", 1) if first[1] else source.read_text()
    source.write_text(text)
    frame = replace(opened.ticket.frames[2], source=[(first[0], "key = '[hidden]'"), *rest])
    assert changed_code(replace(opened.ticket, frames=[frame])) == {}


def test_tk_08_hidden_values_come_only_from_the_file_of_the_owner(site):
    """TK-08"""
    row = read(site).groups[0]
    assert open_ticket(row, row.ids[0]).secrets == {}
    write_settings(row.folder, TicketSettings(keep_secrets=True))
    (row.folder / "errors" / f"{row.ids[0]}{SECRETS}").write_text('{"frame 2/api_key": "k-1"}')
    assert open_ticket(row, row.ids[0]).secrets == {"frame 2/api_key": "k-1"}


def made(**request) -> Ticket:
    return Ticket("x", "shop", "", "", "E", "m", request=request)


def test_tk_17_what_a_repeated_request_sends():
    """TK-17"""
    get = repeat_of(made(address="/shop/default/index?page=2", method="'GET'"))
    assert (get.method, get.path, get.body, get.obstacle) == ("GET", "/shop/default/index?page=2", None, "")
    post = repeat_of(
        made(address="/a/b/c", method="'POST'", post_vars="<Storage {'name': 'x y', 'n': ['1', '2']}>")
    )
    assert post.body == b"name=x+y&n=1&n=2"
    assert repeat_of(made(address="/a?token=[hidden]", method="'GET'")).obstacle
    assert repeat_of(
        made(address="/a", method="'POST'", post_vars="<Storage {'password': [hidden]}>")
    ).obstacle
    assert repeat_of(made(address="/a", method="'POST'", post_vars="<Storage {'a': '1'... 3 more}>")).obstacle
    assert repeat_of(made()).obstacle
    assert repeat_of(made(address="/a", method="__import__('os')")).method == "GET"


def test_the_folder_tells_that_something_changed(site):
    before = fingerprint_of(site)
    assert fingerprint_of(site) == before
    time.sleep(0.05)  # longer than the tick of any system's file times
    ticket(site, "lab", "LookupError", "fresh", "controllers/default.py", 2, NOW, number=9)
    assert fingerprint_of(site) != before


def test_words_of_time():
    noon = time.mktime((2026, 11, 20, 12, 0, 0, 0, 0, -1))
    assert ago(noon - 5, noon) == "just now"
    assert ago(noon - 125, noon) == "2 min ago"
    assert ago(noon - 3 * 3600, noon) == "3 h ago"
    assert ago(noon - 20 * 3600, noon) == "yesterday"
    assert ago(noon - 8 * DAY, noon).startswith("12 ")
    assert ago(noon - 2000 * DAY, noon) == "2021"
    assert ago(0, noon) == "unknown"
    assert last_days({"2026-11-20": 3, "2026-11-07": 1, "2026-11-06": 9}, noon) == (1, *[0] * 12, 3)


def test_own_editor_at_the_line():
    """TK-09"""

    def find(program):
        return f"/bin/{program}" if program in ("kate", "myeditor") else None

    assert command_for("/a b.py", 7, "", find) == ["/bin/kate", "--line", "7", "/a b.py"]
    assert command_for("/a b.py", 7, "myeditor +{line} {file}", find) == ["/bin/myeditor", "+7", "/a b.py"]
    assert command_for("/a.py", 7, "myeditor", find) == ["/bin/myeditor", "/a.py"]
    assert command_for("/a.py", 7, "absent {file}", find) is None
    assert command_for("/a.py; rm -rf x", 7, "", find)[-1] == "/a.py; rm -rf x"
