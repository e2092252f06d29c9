"""Messages on the disk: each belongs to one process, and outlives it (ERR-04, ERR-10)."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time

import pytest

from runtime.tools import outbox as module
from runtime.tools.letter_carrier import go_on_with_letters
from runtime.tools.outbox import ASIDE, FOLDER, Outbox, OutboxFull, outbox_of

_OWNER = """
import os, sys, time
from runtime.tools.outbox import Outbox
box = Outbox(sys.argv[1])
for number in range(int(sys.argv[2])):
    box.put({"number": number})
print("ready", flush=True)
sys.stdin.readline()
"""

_FORKER = """
import os, sys, time
from runtime.tools.outbox import outbox_of
box = outbox_of(sys.argv[1])
box.put({"number": 1})
print("ready", flush=True)
if not os.fork():
    print(os.getpid(), flush=True)  # by itself: what a child does at once is done now
    time.sleep(600)
    os._exit(0)
sys.stdin.readline()
"""

_WAITING = """
import os, sys
from runtime.web.afterwards import Work, afterwards, go_on

class Mail(Work):
    def __init__(self, text):
        self.text = text

    def do(self):
        with open(sys.argv[1] + "/sent", "a") as stream:
            stream.write(self.text)

go_on(Mail("parent's "), "shop", sys.argv[1] + "/", 600.0)
pid = os.fork()
if not pid:
    go_on(Mail("child's "), "shop", sys.argv[1] + "/", 0.0)
    afterwards.close(20.0)
    os._exit(0)
os.waitpid(pid, 0)
afterwards.close(20.0)
print("ready", flush=True)
"""

_HEIR = """
import sys
from runtime.tools.outbox import Outbox
box = Outbox(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
taken = []
for _ in range(20):
    taken += [content["number"] for _, content in box.adopt()]
print(*taken, flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def child():
    """Start a Python program with arguments; it is ended by its own process id."""
    made = []

    def start(program, *arguments):
        made.append(
            subprocess.Popen(
                [sys.executable, "-c", program, *map(str, arguments)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        assert made[-1].stdout.readline() == "ready\n"
        return made[-1]

    yield start
    for process in made:
        process.kill()
        process.communicate(timeout=60)


def files(site, below=""):
    return sorted(path.name for path in (site / FOLDER / below).glob("*.mail"))


def test_what_is_put_is_readable_by_its_owner_only(tmp_path):
    """SEC: links in mails are secrets: other users of the machine read neither file nor folder."""
    box = Outbox(tmp_path)
    name = box.put({"message": "secret"})
    assert stat.S_IMODE((tmp_path / FOLDER / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / FOLDER).stat().st_mode) == 0o700
    box.change(name, {"message": "another"})
    assert stat.S_IMODE((tmp_path / FOLDER / name).stat().st_mode) == 0o600
    box.set_aside(name)
    assert stat.S_IMODE((tmp_path / FOLDER / ASIDE).stat().st_mode) == 0o700
    assert not files(tmp_path)
    assert len(files(tmp_path, ASIDE)) == 1


def test_nobody_takes_from_a_process_that_lives(tmp_path, child):
    """ERR-10: what belongs to a living process stays with it; after kill -9 another one has it, once."""
    owner = child(_OWNER, tmp_path, 3)
    box, other = Outbox(tmp_path), Outbox(tmp_path)
    assert box.adopt() == []
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait(timeout=60)
    taken = box.adopt()
    assert sorted(content["number"] for _, content in taken) == [0, 1, 2]
    assert other.adopt() == []
    assert box.adopt() == []
    assert files(tmp_path) == sorted(name for name, _ in taken)
    for name, _ in taken:
        box.remove(name)
    assert not files(tmp_path)


def test_two_processes_share_what_is_left_and_take_nothing_twice(tmp_path, child):
    """ERR-10: heirs that come at the same moment get each message once between them."""
    owner = child(_OWNER, tmp_path, 40)
    heirs = [child(_HEIR, tmp_path) for _ in range(2)]
    owner.kill()
    owner.wait(timeout=60)
    for heir in heirs:
        heir.stdin.write("go\n")
        heir.stdin.flush()
    taken = [int(number) for heir in heirs for number in heir.stdout.readline().split()]
    assert sorted(taken) == list(range(40))


def test_what_is_released_is_taken_by_the_next(tmp_path):
    """ERR-10: a server that ends while its process goes on leaves its messages to the next one of that process."""
    box = Outbox(tmp_path)
    box.put({"number": 1})
    assert box.adopt() == []
    box.release()
    ((name, content),) = box.adopt()
    assert content == {"number": 1}
    assert Outbox(tmp_path).adopt() == []
    box.remove(name)


def test_a_file_put_back_by_hand_is_taken(tmp_path):
    """ERR-10: what lay aside is sent once it was moved back."""
    box = Outbox(tmp_path)
    name = box.put({"number": 1})
    box.set_aside(name, {"number": 2})
    (aside,) = files(tmp_path, ASIDE)
    os.rename(tmp_path / FOLDER / ASIDE / aside, tmp_path / FOLDER / aside)
    ((_, content),) = box.adopt()
    assert content == {"number": 2}


def test_number_and_size_are_bounded(tmp_path, monkeypatch, caplog):
    """SEC: neither a flood nor a huge message fills the disk; of those aside the oldest go."""
    monkeypatch.setattr(module, "MOST", 2)
    box = Outbox(tmp_path)
    with pytest.raises(OutboxFull, match="too large"):
        box.put({"message": "x" * module.LARGEST})
    names = [box.put({"number": number}) for number in range(2)]
    with pytest.raises(OutboxFull, match="2 messages are waiting"):
        box.put({})
    for name in names:
        box.set_aside(name)
    first = tmp_path / FOLDER / ASIDE / names[0].partition(".")[2]
    os.utime(first, (1, 1))
    box.set_aside(box.put({"number": 2}))
    assert len(files(tmp_path, ASIDE)) == 2
    assert not first.exists()
    assert "more than 2 messages lay aside" in caplog.text


def test_a_broken_file_is_laid_aside_and_not_quoted(tmp_path, caplog):
    """SEC: what can not be read stops nothing, and stands in no log."""
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / "dead.1.mail").write_text('{"message": "secret-words')
    (tmp_path / FOLDER / "dead.2.mail").write_text('{"number": 2}')
    assert [content for _, content in Outbox(tmp_path).adopt()] == [{"number": 2}]
    assert files(tmp_path, ASIDE) == ["1.mail"]
    assert "can not be read" in caplog.text
    assert "secret-words" not in caplog.text


def test_halves_of_the_killed_are_removed(tmp_path):
    """ERR-10: what a killed process was just writing does not pile up."""
    box = Outbox(tmp_path)
    box.put({})
    old, new = tmp_path / FOLDER / ".a.tmp", tmp_path / FOLDER / ".b.tmp"
    for path in (old, new):
        path.write_text("half")
    os.utime(old, (time.time() - 7200,) * 2)
    box.adopt()
    assert not old.exists()
    assert new.exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_that_lives_longer_does_not_keep_what_its_parent_left(tmp_path, child):
    """ERR-10: the lock ends with the process that took it, whatever it has forked."""
    owner = child(_FORKER, tmp_path)
    pid = int(owner.stdout.readline())
    try:
        assert Outbox(tmp_path).adopt() == []
        owner.kill()
        owner.wait(timeout=60)
        assert [content for _, content in Outbox(tmp_path).adopt()] == [{"number": 1}]
    finally:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_does_its_own_work_and_none_of_its_parent(tmp_path, child):
    """ERR-10, WSGI-1: work that waits is done once, by the process it belongs to, though threads are not copied."""
    child(_WAITING, tmp_path)
    assert (tmp_path / "sent").read_text() == "child's parent's "


@pytest.mark.parametrize("content", [{"application": "../..", "tries": 0, "due": 0}, {"application": 5}])
def test_a_strange_message_does_not_hold_up_the_others(tmp_path, monkeypatch, content):
    """ERR-10: what another program has put there lies aside; the rest is gone on with."""
    gone_on = []
    monkeypatch.setattr("runtime.tools.auth.letters.go_on", lambda *work: gone_on.append(work[1]))
    box = outbox_of(tmp_path)
    for number, one in enumerate((content, {"application": "shop", "tries": 0, "due": 0})):
        (tmp_path / FOLDER).mkdir(parents=True, exist_ok=True)
        (tmp_path / FOLDER / f"dead.{number}.mail").write_text(json.dumps(one))
    go_on_with_letters(tmp_path)
    assert gone_on == ["shop"]
    assert files(tmp_path, ASIDE) == ["0.mail"]
    box.release()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_has_a_name_of_its_own(tmp_path):
    """WSGI-1: servers that fork do not mix up the messages of their processes."""
    box = outbox_of(tmp_path)
    box.put({"number": 1})
    pid = os.fork()
    if not pid:
        try:
            box.put({"number": 2})
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    assert [content["number"] for _, content in box.adopt()] == [2]
    assert len(files(tmp_path)) == 2
