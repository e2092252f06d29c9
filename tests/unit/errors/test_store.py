"""Tickets on disk and in a database: written whole, read whatever they are, never executed."""

from __future__ import annotations

import json
import marshal
import os
import pickle
import stat
import threading
import time
from collections import OrderedDict

import pydal
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.errors import (
    Ticket,
    TicketError,
    TicketSettings,
    bounded,
    capture,
    delete_tickets,
    group_tickets,
    list_tickets,
    raw_ticket,
    read_secrets,
    read_settings,
    read_summary,
    read_ticket,
    record_error,
    restore_tickets,
    retain,
    store_ticket,
    write_settings,
)
from runtime.errors import record as record_module
from runtime.errors import store as store_module
from runtime.errors.legacy import read_legacy
from runtime.errors.sampling import WHOLE, Repeats, count_repeat, repeats
from runtime.errors.store import empty_bin

OLD = "127.0.0.1.2021-03-04.05-06-07.0d2b2e2c-6d1e-4f0e-8d2b-0c1d2e3f4a5b"


def make(shop, body="1/0", **names) -> Ticket:
    ticket = capture("shop", shop.error(body, **names))
    assert store_ticket(shop.folder, ticket)
    return ticket


def test_err_08_written_and_read_back_the_same(shop):
    ticket = make(shop, "a = [1]\n1/0")
    again = read_ticket(shop.folder, ticket.id)
    assert json.dumps(again.to_json()) == json.dumps(ticket.to_json())
    assert again.traceback == ticket.traceback
    assert shop.files() == [f"{ticket.id}.json"]


@pytest.mark.skipif(os.name == "nt", reason="file modes are those of POSIX")
def test_sec_04_only_the_owner_may_read_a_ticket(shop):
    ticket = make(shop)
    assert stat.S_IMODE((shop.errors / f"{ticket.id}.json").stat().st_mode) == 0o600


def test_tk_08_hidden_values_are_kept_only_when_asked_for(shop):
    error = shop.error("password = 'hunter22'\n1/0")
    record_error(str(shop.folder), "shop", error)
    assert "hunter22" not in "".join(path.read_text() for path in shop.errors.glob("*"))
    write_settings(shop.folder, TicketSettings(keep_secrets=True))
    _, ticket = record_error(str(shop.folder), "shop", error)
    assert "hunter22" in read_secrets(shop.folder, ticket.id).values()
    beside = shop.errors / f"{ticket.id}.secrets.json"
    if os.name != "nt":
        assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    assert len(list_tickets(shop.folder)) == 2
    assert "hunter22" not in (shop.errors / f"{ticket.id}.json").read_text()


def test_nearly_full_disk_gets_a_shorter_ticket(shop, monkeypatch):
    real = store_module.write_atomic

    def small_disk(path, data, **options):
        if len(data) > 3000:
            raise OSError(28, "No space left on device")
        real(path, data, **options)

    monkeypatch.setattr(store_module, "write_atomic", small_disk)
    ticket = capture("shop", shop.error("x = ['v' * 300] * 20\ny = 'z' * 9999\n1/0"))
    assert store_ticket(shop.folder, ticket)
    kept = read_ticket(shop.folder, ticket.id)
    assert kept.exception == "ZeroDivisionError"
    assert kept.line == ticket.line
    assert "No space left" in kept.fault


def test_full_disk_leaves_a_line_in_the_log_with_the_number(shop, monkeypatch, caplog):
    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module, "write_atomic", full)
    number, ticket = record_error(str(shop.folder), "shop", shop.error("1/0"))
    assert shop.files() == []
    assert number == f"shop/{ticket.id}"
    assert number in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_a_fault_of_the_recorder_itself_is_logged_and_gives_a_number(shop, monkeypatch, caplog):
    def broken(*_args, **_options):
        raise RuntimeError("broken recorder")

    monkeypatch.setattr(record_module, "capture", broken)
    number, ticket = record_error(str(shop.folder), "shop", shop.error("1/0"))
    assert ticket is None
    assert number.startswith("shop/local.")
    assert number in caplog.text
    assert "broken recorder" in caplog.text


def test_a_fault_of_the_recorder_does_not_hang_in_an_error_that_never_ends_its_words(
    shop, monkeypatch, caplog
):
    class Endless(Exception):
        def __str__(self):
            while self:
                pass
            return ""

    def broken(*_args, **_options):
        raise RuntimeError("broken recorder")

    monkeypatch.setattr(bounded, "ONE_SECONDS", 1.0)
    monkeypatch.setattr(record_module, "capture", broken)
    try:
        raise Endless
    except Endless as error:
        number, ticket = record_error(str(shop.folder), "shop", error)
    assert ticket is None
    assert number in caplog.text
    assert "raise Endless" in caplog.text
    assert "RuntimeError: broken recorder" in caplog.text


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "..",
        "a/../../b" * 3,
        "/etc/passwd",
        "x" * 300,
        "127.0.0.1\0.json",
        "..\\..\\boot.ini",
        "",
        ".hidden-file",
    ],
)
def test_ticket_names_with_path_parts_are_refused(shop, name):
    for action in (
        read_ticket,
        raw_ticket,
        read_secrets,
        lambda f, n: delete_tickets(f, [n]),
        lambda f, n: restore_tickets(f, [n]),
    ):
        with pytest.raises(TicketError, match="is no ticket number"):
            action(shop.folder, name)


def test_other_files_in_the_folder_are_no_tickets(shop):
    ticket = make(shop)
    for name in ("README.md", "notes.txt", ".gitignore", "0123456789abcdef.repeats", "backup.tar.gz"):
        (shop.errors / name).write_text("x")
    (shop.errors / "folder.2021-03-04.05-06-07.x").mkdir()
    assert [entry.id for entry in list_tickets(shop.folder)] == [ticket.id]


def test_newest_first_also_when_a_copy_lost_the_times_of_the_files(shop):
    shop.errors.mkdir()
    names = [f"::1.2024-0{month}-01.10-00-00.abc".replace(":", "_") for month in (3, 1, 2)]
    for name in names:
        (shop.errors / f"{name}.json").write_text("{}")
    found = [entry.id for entry in list_tickets(shop.folder)]
    assert found == [names[0], names[2], names[1]]


# the old framework's


def old_ticket(**more):
    trace = (
        "Traceback (most recent call last):\n"
        '  File "/srv/w/gluon/restricted.py", line 219, in restricted\n    exec(ccode, environment)\n'
        '  File "/srv/w/applications/shop/controllers/default.py", line 12, in index\n    return 1/0\n'
        "ZeroDivisionError: division by zero\n"
    )
    return {
        "layer": "/srv/w/applications/shop/controllers/default.py",
        "code": "def index(): return 1/0",
        "output": "<type 'exceptions.ZeroDivisionError'> division by zero",
        "traceback": trace,
        "snapshot": {
            "pyver": "Python 3.9.2",
            "request": dict(application="shop", password="hunter22"),
            "session": OrderedDict(cart=[1, 2]),
        },
    } | more


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_tk_16_old_pickles_are_read(shop, protocol):
    shop.errors.mkdir()
    (shop.errors / OLD).write_bytes(pickle.dumps(old_ticket(), protocol))
    (entry,) = list_tickets(shop.folder)
    assert (entry.id, entry.source) == (OLD, "pickle")
    ticket = read_ticket(shop.folder, OLD)
    assert (ticket.exception, ticket.message) == ("ZeroDivisionError", "division by zero")
    assert (ticket.frames[-1].line, ticket.frames[-1].function) == (12, "index")
    assert ticket.frames[-1].own
    assert ticket.time == "2021-03-04T05:06:07"
    assert ticket.session["cart"] == "[1, 2]"
    assert "hunter22" not in str(ticket.to_json())
    assert group_tickets(shop.folder)[0].latest.line == 12


def test_tk_16_frames_and_markup_of_old_pickles_are_shown(shop):
    """The old framework's classes are named in the pickle; none of them is built."""
    page = marshal.dumps("<table><tr><td>method</td><td>GET &amp; more</td></tr></table>")
    request = b"cgluon.html\nXML_unpickle\n" + pickle.dumps((page,), 2)[2:-1] + b"R"
    session = b"cgluon.storage\nStorage\n)R" + pickle.dumps({"cart": 3, "token": "abcdefgh"}, 2)[2:-1] + b"b"
    frames = [
        {
            "file": "/srv/w/applications/shop/models/db.py",
            "func": "connect",
            "lnum": 7,
            "lines": {6: "def connect():\n", 7: "    return 1/0\n"},
            "dump": {"host": "'localhost'", "password": "'hunter22'"},
        }
    ]

    def text(word):
        return b"X" + len(word).to_bytes(4, "little") + word.encode()

    inner = b"}(" + text("request") + request + text("session") + session
    inner += text("frames") + pickle.dumps(frames, 2)[2:-1] + b"u"
    whole = b"\x80\x02}(" + text("traceback") + text("KeyError: 'x'") + text("snapshot") + inner + b"u."
    ticket = read_legacy(whole, OLD, "shop", 0.0)
    assert ticket.request == {"request": "method GET & more"}
    assert ticket.session == {"cart": "3", "token": "[hidden]"}
    assert ticket.frames[0].variables == {"host": "\"'localhost'\"", "password": "[hidden]"}
    assert (7, "    return 1/0") in ticket.frames[0].source


class Evil:
    def __init__(self, call, *arguments):
        self.call, self.arguments = call, arguments

    def __reduce__(self):
        return self.call, self.arguments


def test_tk_16_pickle_that_names_os_system_runs_nothing(shop, tmp_path):
    witness = tmp_path / "witness"
    shop.errors.mkdir()
    for number, payload in enumerate(
        (
            Evil(os.system, f"touch {witness}"),
            old_ticket(snapshot={"request": Evil(os.system, f"touch {witness}")}),
            [Evil(eval, f"open({str(witness)!r}, 'w')")],
            Evil(os.unlink, str(shop.errors)),
        )
    ):
        name = OLD[:-1] + str(number)
        (shop.errors / name).write_bytes(pickle.dumps(payload))
        try:
            read_ticket(shop.folder, name)
        except TicketError:
            pass
    groups = group_tickets(shop.folder)
    assert not witness.exists()
    assert sum(group.count for group in groups) == 4
    assert any(group.unreadable for group in groups)


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300)
    | st.binary(max_size=60).map(lambda tail: pickle.dumps(old_ticket())[: len(tail) * 9] + tail)
)
def test_any_bytes_are_a_ticket_or_a_clear_refusal(data):
    try:
        ticket = read_legacy(data, OLD, "shop", 0.0)
    except TicketError as error:
        assert OLD in str(error)
    else:
        json.dumps(ticket.to_json())


def test_tk_16_unreadable_ones_are_listed_with_reason_and_bytes(shop):
    good = make(shop)
    whole = (shop.errors / f"{good.id}.json").read_bytes()
    cut = good.id + "x"
    (shop.errors / f"{cut}.json").write_bytes(whole[: len(whole) // 2])
    tiny = good.id + "y"
    (shop.errors / f"{tiny}.json").write_bytes(whole[:30])
    wrong = good.id + "z"
    (shop.errors / f"{wrong}.json").write_text('{"id": "127.0.0.1", "frames": 5}')
    empty = good.id + "e"
    (shop.errors / f"{empty}.json").write_text("")
    with pytest.raises(TicketError, match="cut or broken"):
        read_ticket(shop.folder, cut)
    with pytest.raises(TicketError, match="empty"):
        read_ticket(shop.folder, empty)
    assert raw_ticket(shop.folder, cut) == whole[: len(whole) // 2]
    faults = {entry.id: read_summary(shop.folder, entry).fault for entry in list_tickets(shop.folder)}
    assert faults[good.id] == ""
    assert all(faults[name] for name in (cut, tiny, wrong, empty))
    assert all((shop.errors / f"{name}.json").exists() for name in (cut, tiny, wrong, empty))


def test_deeply_nested_json_is_a_fault_not_a_crash(shop):
    shop.errors.mkdir()
    (shop.errors / f"{OLD}.json").write_text('{"a":' + "[" * 200_000)
    with pytest.raises(TicketError, match="cut or broken"):
        read_ticket(shop.folder, OLD)


# groups, repeats


def test_err_11_groups_by_type_and_frames_not_by_lines(shop):
    for _ in range(3):
        make(shop)
    make(shop, "# moved down\n\n1/0")
    make(shop, "{}['price']")
    groups = {group.latest.exception: group for group in group_tickets(shop.folder)}
    assert groups["ZeroDivisionError"].count == 4
    assert groups["KeyError"].count == 1
    assert groups["ZeroDivisionError"].ids[0] == list_tickets(shop.folder)[1].id
    assert sum(groups["ZeroDivisionError"].days.values()) == 4


def test_the_summary_says_the_same_as_the_whole(shop):
    ticket = make(shop, "raise ValueError('\"traceback\": ' + 'é\\n' * 900)")
    (entry,) = list_tickets(shop.folder)
    summary = read_summary(shop.folder, entry)
    for name in ("id", "exception", "message", "layer", "line", "function", "group", "time", "application"):
        assert getattr(summary, name) == getattr(ticket, name)
    assert summary.frames == []


def test_a_burst_is_sampled_and_counted_exactly(shop):
    error = shop.error("1/0")
    numbers = []

    def visitor():
        for _ in range(40):
            numbers.append(record_error(str(shop.folder), "shop", error)[0])

    threads = [threading.Thread(target=visitor) for _ in range(5)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    (group,) = group_tickets(shop.folder)
    assert group.count == 200
    assert WHOLE <= len(shop.files()) < WHOLE + 5
    assert sum(group.days.values()) == 200
    stored = {f"shop/{entry.id}" for entry in list_tickets(shop.folder)}
    assert set(numbers) <= stored


def test_other_kinds_are_written_during_a_burst(shop):
    for _ in range(WHOLE + 5):
        record_error(str(shop.folder), "shop", shop.error("1/0"))
    number, ticket = record_error(str(shop.folder), "shop", shop.error("{}['a']"))
    assert ticket is not None
    assert number.endswith(ticket.id)


def test_broken_counter_counts_from_nothing(shop):
    shop.errors.mkdir()
    (shop.errors / "0123456789abcdef.repeats").write_text("{broken")
    assert repeats(shop.errors, "0123456789abcdef") == Repeats()
    count_repeat(shop.errors, "0123456789abcdef")
    assert repeats(shop.errors, "0123456789abcdef").count == 1
    assert repeats(shop.errors, "../../x").count == 0


# deleting, keeping


def test_tk_12_deleting_moves_to_the_bin_and_back(shop):
    first, second = make(shop), make(shop)
    assert delete_tickets(shop.folder, [first.id, OLD]) == [first.id]
    assert [entry.id for entry in list_tickets(shop.folder)] == [second.id]
    assert restore_tickets(shop.folder, [first.id]) == [first.id]
    assert read_ticket(shop.folder, first.id).id == first.id
    assert restore_tickets(shop.folder, [first.id]) == []


def test_tk_12_the_bin_is_emptied_after_30_days(shop):
    old, new = make(shop), make(shop)
    delete_tickets(shop.folder, [old.id, new.id])
    past = time.time() - 31 * 86400
    os.utime(shop.errors / ".bin" / f"{old.id}.json", (past, past))
    assert empty_bin(shop.folder) == 1
    assert restore_tickets(shop.folder, [old.id, new.id]) == [new.id]


def test_tk_22_retention_by_days_and_number(shop):
    shop.errors.mkdir()
    (shop.errors / f"{OLD}.json").write_text("{}")
    tickets = [make(shop) for _ in range(4)]
    assert retain(shop.folder, days=365) == [OLD]
    assert len(retain(shop.folder, count=3)) == 1
    assert len(list_tickets(shop.folder)) == 3
    assert {entry.id for entry in list_tickets(shop.folder)} < {ticket.id for ticket in tickets}


def test_tk_22_retention_is_applied_while_recording(shop):
    shop.errors.mkdir()
    (shop.errors / f"{OLD}.json").write_text("{}")
    write_settings(shop.folder, TicketSettings(keep_days=30))
    record_error(str(shop.folder), "shop", shop.error("1/0"))
    assert OLD not in [entry.id for entry in list_tickets(shop.folder)]


def test_tk_22_settings_are_checked(shop):
    with pytest.raises(TicketError, match="1 to 36500 days"):
        write_settings(shop.folder, TicketSettings(keep_days=-3))
    with pytest.raises(TicketError, match="can be kept"):
        write_settings(shop.folder, TicketSettings(keep_count=0))
    shop.errors.mkdir(exist_ok=True)
    for text in ("{broken", '{"keep_days": "many"}', '{"keep_count": -1}', "[]"):
        (shop.errors / ".settings.json").write_text(text)
        assert read_settings(shop.folder) == TicketSettings()


# a database


@pytest.fixture
def database(shop):
    (shop.folder / "private").mkdir()
    (shop.folder / "private" / "ticket_storage.txt").write_text("sqlite://tickets.sqlite\n")
    return shop


def test_err_11_tickets_go_to_a_database_and_are_read_alike(database):
    _, ticket = record_error(str(database.folder), "shop", database.error("1/0"))
    assert database.files() == []
    (entry,) = list_tickets(database.folder)
    assert (entry.id, entry.source) == (ticket.id, "database")
    assert read_ticket(database.folder, ticket.id).traceback == ticket.traceback
    assert group_tickets(database.folder)[0].count == 1
    assert delete_tickets(database.folder, [ticket.id]) == [ticket.id]
    assert list_tickets(database.folder) == []
    assert restore_tickets(database.folder, [ticket.id]) == [ticket.id]
    assert read_ticket(database.folder, ticket.id).id == ticket.id


def test_err_11_pickles_in_the_table_are_read_too(database):
    from runtime.errors.database import TicketTable

    table = TicketTable(database.folder, "sqlite://tickets.sqlite")
    table.insert(OLD, pickle.dumps(old_ticket()))
    assert read_ticket(database.folder, OLD).exception == "ZeroDivisionError"
    assert len(group_tickets(database.folder)) == 1


def test_err_11_unreachable_database_falls_back_to_a_file(shop, caplog):
    (shop.folder / "private").mkdir()
    (shop.folder / "private" / "ticket_storage.txt").write_text("nosuch://me:s3cretpw@host/db")
    _, ticket = record_error(str(shop.folder), "shop", shop.error("1/0"))
    assert shop.files() == [f"{ticket.id}.json"]
    assert "written to a file instead" in caplog.text
    assert "s3cretpw" not in caplog.text
    with pytest.raises(TicketError, match="database for tickets can not be used"):
        list_tickets(shop.folder)
    assert not [address for address in pydal.DAL.get_instances() if "nosuch" in address], (
        "nothing is left of it"
    )


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "mknod"), reason="making so many files takes too long here")
def test_200_000_files_in_one_folder_are_listed(shop):
    shop.errors.mkdir()
    for number in range(200_000):
        name = f"10.0.0.{number % 250}.2026-01-{number % 28 + 1:02}.10-{number % 60:02}-00.{number:08x}"
        os.mknod(f"{shop.errors}/{name}.json")
    assert len(list_tickets(shop.folder)) == 200_000
