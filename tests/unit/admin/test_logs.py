"""Reading logs from their end (LG-01, LG-03, LG-06, LG-12; LOG-1, CLI-13)."""

from __future__ import annotations

import logging
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.admin import logs
from runtime.admin.logs import LogBook, LogFile, LogFilter, LogProblem, Record, sources
from runtime.foundation.log_files import keep_log
from runtime.foundation.log_lines import moment_of, parse_access_line, parse_log_line
from runtime.server.access_log import AccessLog, access_line


def line(number: int, text: str = "", source: str = "server", level: str = "info") -> str:
    return f"2026-11-20 11:{number // 60 % 60:02d}:{number % 60:02d}.{number % 1000:03d} {source} {level} {text or f'line {number}'}\n"


def everything(_record: Record) -> bool:
    return True


def go_on() -> None:
    """Nobody cancels."""


@pytest.fixture
def site(tmp_path):
    (tmp_path / "logs").mkdir()
    return tmp_path


def write(site, name, text, mode="w"):
    with open(site / "logs" / f"{name}.log", mode, encoding="utf-8") as stream:
        stream.write(text)
    return site / "logs" / f"{name}.log"


def book(site, *hidden):
    return LogBook({name: path for name, path in sources(site).items() if name not in hidden})


def test_lg_06_the_end_first_and_backwards_piece_by_piece(site, monkeypatch):
    """LG-06: pieces cut lines and letters anywhere; every record comes once, in order."""
    monkeypatch.setattr(logs, "PIECE", 97)
    write(site, "server", "".join(line(n, f"é number {n}") for n in range(300)))
    read = book(site)
    last = read.older(10, everything, go_on)
    assert [record.text for record in last] == [f"é number {n}" for n in range(290, 300)]
    rest: list[Record] = []
    while not read.exhausted:
        rest = read.older(50, everything, go_on) + rest
    assert [record.text for record in rest] == [f"é number {n}" for n in range(290)]


def test_lg_06_a_large_log_opens_without_being_read(site):
    """LG-06: 200 MB; a handful of pieces are read."""
    path = site / "logs" / "server.log"
    with open(path, "wb") as stream:
        stream.seek(200_000_000)
        stream.write(b"\n" + "".join(line(n) for n in range(5000)).encode())
    began = time.process_time()
    found = book(site).older(500, everything, go_on)
    assert [record.text for record in found[-2:]] == ["line 4998", "line 4999"]
    assert time.process_time() - began < 2.0


def test_lg_04_tracebacks_belong_to_their_message(site, monkeypatch):
    monkeypatch.setattr(logs, "PIECE", 64)
    write(
        site,
        "server",
        line(1) + line(2, "failed", level="error") + '    Traceback\n      File "x.py", line 3\n' + line(3),
    )
    found = book(site).older(10, everything, go_on)
    assert [record.text for record in found] == ["line 1", "failed", "line 3"]
    assert found[1].more == ("Traceback", '  File "x.py", line 3')
    assert found[1].whole().count("\n") == 2


def test_lg_01_several_logs_by_time(site):
    """LG-01: sources are merged and told apart."""
    write(site, "server", line(1) + line(3))
    write(site, "worker-shop", line(2, source="scheduler") + line(4, source="scheduler"))
    record = {"client": "10.0.0.1", "time": time.mktime((2026, 11, 20, 11, 0, 5, 0, 0, -1)), "method": "GET",
              "path": "/shop/default/index", "protocol": "HTTP/1.1", "status": 500, "ms": 61.4}  # fmt: skip
    write(site, "access", access_line(record))
    found = book(site).older(10, everything, go_on)
    assert [(one.source, one.level) for one in found] == [
        ("server", "info"), ("scheduler", "info"), ("server", "info"), ("scheduler", "info"), ("access", "error"),
    ]  # fmt: skip
    assert found[-1].text == "GET /shop/default/index 500 61.4 ms from 10.0.0.1"
    assert "access" not in {one.source for one in book(site, "access").older(10, everything, go_on)}


def test_lg_02_what_is_written_meanwhile_and_rotated_away(site):
    """LG-02: half a line waits for its other half; a rotated file goes on in the new one."""
    path = write(site, "server", line(1))
    read = book(site)
    read.older(10, everything, go_on)
    assert read.newer(everything) == []
    write(site, "server", line(2) + line(3)[:20], "a")
    assert [record.text for record in read.newer(everything)] == ["line 2"]
    write(site, "server", line(3)[20:], "a")
    assert [record.text for record in read.newer(everything)] == ["line 3"]
    path.rename(site / "logs" / "server.log.1")
    write(site, "server", line(4))
    assert [record.text for record in read.newer(everything)] == ["line 4"]
    write(site, "server", "")
    assert read.newer(everything) == []
    path.unlink()
    assert read.newer(everything) == []


def test_lg_03_level_words_pattern_and_application(site):
    """LG-03"""
    texts = [("Cart is full", "info"), ("disk is full", "warning"), ("boom", "error")]
    write(site, "server", "".join(line(n, text, level=level) for n, (text, level) in enumerate(texts)))
    write(
        site, "access", "127.0.0.1, 2026-11-20 11:00:09, GET, /shop/cart/add?a=1, HTTP/1.1, 200, 0.004512\n"
    )

    def shown(**wanted):
        return [record.text for record in book(site).older(10, LogFilter(**wanted).test(), go_on)]

    assert shown(level="warning") == ["disk is full", "boom"]
    assert shown(text="FULL is") == ["Cart is full", "disk is full"]
    assert shown(text="/^b.*m$/") == ["boom"]
    assert len(shown(application="shop")) == 1
    assert shown(application="hop") == []
    with pytest.raises(LogProblem, match="no regular expression"):
        LogFilter(text="/(/").test()


def test_lg_12_secrets_are_masked(site):
    """LG-12: as in tickets."""
    write(site, "server", line(1, "no answer of postgres://ann:hunter2@db/shop") + "    token = 'abcdef'\n")
    record = book(site).older(1, everything, go_on)[0]
    assert "hunter2" not in record.text
    assert "abcdef" not in record.whole()


def test_logs_that_are_no_logs(site):
    """Binary content, lines without end, an empty file, a folder in the place of a file."""
    (site / "logs" / "binary.log").write_bytes(bytes(range(256)) * 3000)
    (site / "logs" / "endless.log").write_bytes(b"x" * 1_000_000)
    (site / "logs" / "empty.log").write_bytes(b"")
    read = book(site)
    found = read.older(10_000, everything, go_on)
    assert read.exhausted
    assert all(len(record.text) <= logs.LONGEST for record in found)
    (site / "logs" / "folder.log").mkdir()
    with pytest.raises(LogProblem):
        LogFile("folder", site / "logs" / "folder.log").older()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=40), max_size=30),
       st.integers(40, 400))  # fmt: skip
def test_any_text_is_read_back_whatever_the_pieces(tmp_path_factory, texts, piece):
    """hypothesis: messages survive writing and reading backwards in pieces of any size."""
    site = tmp_path_factory.mktemp("site")
    (site / "logs").mkdir()
    write(site, "server", "".join(line(n, f"m{text}") for n, text in enumerate(texts)))
    before, logs.PIECE = logs.PIECE, piece
    try:
        found = book(site).older(1000, everything, go_on)
    finally:
        logs.PIECE = before
    assert [record.text for record in found] == [logs.mask_text(f"m{text}") for text in texts]


def test_cancelling_ends_the_search(site):
    write(site, "server", "".join(line(n) for n in range(100)))

    class Stop(Exception):
        pass

    def stop() -> None:
        raise Stop

    with pytest.raises(Stop):
        book(site).older(10, lambda record: False, stop)


# -- writing ----------------------------------------------------------------------------------------


def test_log_1_a_supervised_server_keeps_a_log(site):
    """LOG-1: what is kept can be read back."""
    root = logging.getLogger()
    before = list(root.handlers)
    try:
        keep_log(site, "server")
        logging.getLogger("web2py.server").error("kept\nwith a second line")
    finally:
        for handler in set(root.handlers) - set(before):
            root.removeHandler(handler)
            handler.close()
    record = book(site).older(1, everything, go_on)[0]
    assert (record.source, record.level, record.text, record.more) == (
        "server",
        "error",
        "kept",
        ("with a second line",),
    )
    assert abs(record.moment - time.time()) < 60


def test_a_folder_that_can_not_be_written_stops_nothing(tmp_path, caplog):
    (tmp_path / "logs").write_text("a file in its place")
    keep_log(tmp_path, "server")
    assert "no log is kept" in caplog.text


def test_cli_13_own_access_logs_are_rotated(tmp_path):
    """CLI-13: at its limit the file gets a number; five of them stay."""
    log = AccessLog(tmp_path / "access.log", limit=300)
    record = {
        "client": "::1",
        "time": 0,
        "method": "GET",
        "path": "/",
        "protocol": "HTTP/1.1",
        "status": 200,
        "ms": 1,
    }
    for _ in range(12):
        log._append([access_line(record)] * 10)
    log.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["access.log", *(f"access.log.{n}" for n in range(1, 6))]


@pytest.mark.parametrize("text", ["", "x", "2026-11-20", "1.2.3.4, nothing", ", , , , , , "])
def test_lines_that_are_none(text):
    assert parse_log_line(text) is None
    assert parse_access_line(text) is None
    assert moment_of(text) == 0.0


@given(
    st.lists(st.booleans(), max_size=25),
    st.lists(st.lists(st.booleans(), max_size=6), max_size=4),
    st.integers(0, 4),
    st.integers(1, 7),
    st.booleans(),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lg_03_lines_around_each_match(tmp_path_factory, old, new, around, page, reads_on):
    """LG-03: those next to what is wanted, each once, in order, marked; by pages, and while more is written."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "logs").mkdir()
    path = folder / "logs" / "server.log"
    marks = [*old, *(mark for chunk in new for mark in chunk)]
    words = [f"{'hit' if mark else 'miss'} {at}" for at, mark in enumerate(marks)]
    lines = [
        f"2026-11-20 11:{at // 60:02d}:{at % 60:02d}.000 server info {word}\n"
        for at, word in enumerate(words)
    ]
    path.write_text("".join(lines[: len(old)]))
    read = LogBook({"server": path}, around)
    wanted = LogFilter(text="hit").test()
    found = read.older(page, wanted, go_on)
    while reads_on and not read.exhausted:
        found = read.older(page, wanted, go_on) + found
    at = len(old)
    for chunk in new:
        with path.open("a") as stream:
            stream.write("".join(lines[at : at + len(chunk)]))
        at += len(chunk)
        found += read.newer(wanted)
    while not read.exhausted:
        found = read.older(page, wanted, go_on) + found
    near = [index for index in range(len(marks)) if any(marks[max(0, index - around) : index + around + 1])]
    assert [record.text for record in found] == [words[index] for index in near]
    assert [record.around for record in found] == [not marks[index] for index in near]
