"""Reading what a server process says, however it is cut into pieces; and the lane everything waits on."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.processes.child import ChildHost, describe_exit
from desktop.processes.lane import Lane
from desktop.processes.protocol import HostEvent, LineSplitter, LogBuffer, cause_of, parse_event, parse_log
from desktop.processes.state import LogLine

FAKE = Path(__file__).with_name("fake_child.py")


@given(st.lists(st.text(st.characters(exclude_characters="\n\r", codec="utf-8"))), st.data())
def test_sv_05_lines_survive_any_cut(lines: list[str], data: st.DataObject) -> None:
    """SV-05: pipes deliver pieces of any size; no line is lost, doubled or joined."""
    stream = "".join(f"{line}\n" for line in lines).encode()
    splitter = LineSplitter(10_000)
    got: list[str] = []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        got += splitter.feed(stream[:size])[0]
        stream = stream[size:]
    assert got == lines
    assert splitter.finish() == []


@given(st.binary(max_size=300), st.integers(1, 7))
def test_sv_05_no_input_breaks_the_splitter(stream: bytes, size: int) -> None:
    """SV-05: never more than the limit, and never more lines than were sent."""
    splitter = LineSplitter(10)
    got: list[str] = []
    for start in range(0, len(stream), size):
        got += splitter.feed(stream[start : start + size])[0]
    got += splitter.finish()
    assert all(len(line) <= 10 for line in got)
    assert len(got) <= stream.count(b"\n") + 1


def test_sv_05_what_follows_a_huge_line_is_read_again() -> None:
    """SV-05"""
    splitter = LineSplitter(10)
    assert splitter.feed(b"x" * 25)[0] == ["x" * 10]
    assert splitter.feed(b"y" * 25)[0] == []
    assert splitter.feed(b"z\nnext\nlast")[0] == ["next"]
    assert splitter.finish() == ["last"]


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)
)


@given(
    json_values | st.fixed_dictionaries({"event": st.sampled_from(["failed", "ready"]), "owner": json_values})
)
def test_sv_05_any_json_is_an_event_or_none(value: Any) -> None:
    """SV-05: and a cause can be made of any `failed` event."""
    event = parse_event(json.dumps(value))
    assert event is None or event.name in {"failed", "ready"}
    if event is not None:
        assert cause_of(event).sentence.endswith(".")


def test_sv_03_cause_of_a_busy_port() -> None:
    """SV-03: sentence case, owner, offer; a boolean is no port."""
    event = parse_event(
        '{"event": "failed", "kind": "port_busy", "message": "port 80 is used", '
        '"owner": {"name": "nginx", "pid": 7}, "next_free": 81}'
    )
    assert event is not None
    cause = cause_of(event)
    assert (cause.sentence, cause.owner_name, cause.owner_pid) == ("Port 80 is used.", "nginx", 7)
    assert cause.next_free_port == 81
    assert cause_of(HostEvent("failed", {"next_free": True})).next_free_port is None


def test_sv_05_log_lines_and_tracebacks() -> None:
    """SV-05: time, source, level; further lines belong to the line before."""
    lines = parse_log(
        [
            "before",
            "2026-11-21 11:22:40.118 app.welcome error it failed",
            "    Traceback",
            "",
            "\x1b[1mbold\x1b[0m",
        ]
    )
    assert lines == [
        LogLine("", "server", "info", "before"),
        LogLine("2026-11-21 11:22:40.118", "app.welcome", "error", "it failed"),
        LogLine("", "app.welcome", "error", "    Traceback"),
        LogLine("", "app.welcome", "error", "bold"),
    ]


@given(st.lists(st.integers(0, 30), max_size=20), st.integers(1, 10))
def test_sv_05_log_buffer_counts_what_it_leaves_out(batches: list[int], limit: int) -> None:
    """SV-05: kept and left out add up; the newest lines are the kept ones."""
    buffer = LogBuffer(limit)
    sent = 0
    for size in batches:
        buffer.put([LogLine("", "s", "info", str(sent + n)) for n in range(size)])
        sent += size
    taken = buffer.take()
    kept = [line for line in taken if line.source == "s"]
    notices = [line for line in taken if line.source != "s"]
    assert [line.text for line in kept] == [str(n) for n in range(sent - len(kept), sent)]
    left_out = int(notices[0].text.split()[1]) if notices else 0
    assert left_out + len(kept) == sent


@pytest.mark.parametrize(
    ("code", "word"),
    [(0, "without saying why"), (3, "exit code 3"), (-9, "killed"), (-11, "SIGSEGV"), (-999, "999")],
)
def test_sv_07_every_end_has_words(code: int, word: str) -> None:
    """SV-07"""
    assert word in describe_exit(code)


def test_rooms_below_the_window_import_no_widgets() -> None:
    """They serve a program without a window too; and nothing slow is imported before it is drawn."""
    program = (
        "import sys, desktop.processes.supervisor, desktop.settings, desktop.secrets, desktop.single_instance\n"
        "slow = ('PySide6.QtGui', 'PySide6.QtWidgets', 'keyring', 'psutil', 'portalocker', 'waitress')\n"
        "print([name for name in slow if name in sys.modules])"
    )
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert result.stdout.strip() == "[]", result.stderr


def test_lane_works_in_order_and_answers_on_the_owners_thread(qtbot: Any) -> None:
    """desktop-ux 18: results come back where they can be shown; an error stops nothing."""
    lane = Lane("test")
    answers: list[tuple[str, Any, threading.Thread]] = []

    def fail() -> None:
        raise ValueError("no")

    lane.submit(lambda: 1, lambda value: answers.append(("done", value, threading.current_thread())))
    lane.submit(fail, None, lambda error: answers.append(("failed", str(error), threading.current_thread())))
    lane.submit(
        threading.current_thread, lambda t: answers.append(("done", t.name, threading.current_thread()))
    )
    qtbot.waitUntil(lambda: len(answers) == 3, timeout=5000)
    here = threading.current_thread()
    assert answers == [("done", 1, here), ("failed", "no", here), ("done", "test", here)]
    lane.close()


def test_lane_that_is_closed_delivers_nothing_more(qtbot: Any) -> None:
    """SH-18: not even what was ready, but not delivered yet."""
    lane = Lane("test")
    ready = threading.Event()
    answers: list[None] = []
    lane.submit(lambda: None, answers.append)
    lane.submit(ready.set)
    assert ready.wait(60)
    time.sleep(0.05)
    lane.close()
    lane.submit(lambda: None, answers.append)
    qtbot.wait(100)
    assert answers == []


def test_sv_01_a_process_is_there_before_what_it_says(
    qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SV-01: whoever hears that the server is ready knows its process, however quick its words are read."""
    orders = tmp_path / "orders.json"
    orders.write_text(json.dumps({"script": [["say", {"event": "started"}], ["say", {"event": "ready"}]]}))
    start = threading.Thread.start

    def start_and_read_all(thread: threading.Thread) -> None:
        start(thread)
        if thread.name == "server-events":
            thread.join(60)

    monkeypatch.setattr(threading.Thread, "start", start_and_read_all)
    host = ChildHost([sys.executable, str(FAKE), str(orders)], {}, lambda *_place: None)
    told: list[str] = []
    host.happened.connect(lambda event: told.append(event.name))
    host.launch()
    qtbot.waitUntil(lambda: "ended" in told)
    assert told == ["spawned", "started", "ready", "ended"]
