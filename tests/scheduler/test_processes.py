"""The process that runs tasks: fresh or kept, limited, and what hostile tasks do to it."""

from __future__ import annotations

import sys
import time

import psutil
import pytest

from tests.processes import lives

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks, and limits of Linux")

HOSTILE = """
import ctypes, os, signal, sys, time
kept = []
def who(): return os.getpid()
def leak_state():
    import builtins
    builtins.leaked = getattr(builtins, 'leaked', 0) + 1
    return builtins.leaked
def hungry(megabytes):
    block = bytearray(megabytes * 1024 * 1024)
    return len(block)
def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print('ignoring')
    while True: time.sleep(1)
def begets(seconds):
    child = os.fork()
    if child == 0:
        time.sleep(seconds)
        os._exit(0)
    return child
def pours(megabytes):
    line = 'x' * 1023 + '\\n'
    for n in range(megabytes * 1024): sys.stdout.write(line)
    return 'poured'
def returns_a_set(): return {1, 2, object()}
def exits(code): os._exit(code)
def segfault(): ctypes.string_at(0)
def raises_base():
    class Odd(BaseException): pass
    raise Odd('odd')
def writes_to_descriptor():
    os.write(1, b'raw')
    sys.__stdout__.write('raw too')
    return sys.stdin.read()
def threads_on():
    import threading
    threading.Thread(target=time.sleep, args=(60,)).start()
    return 1
"""


@linux
def test_a_fresh_process_for_each_task(lab):
    """SCHED-61, SCHED-16: forked from one that is loaded; nothing leaks from task to task, connections are their own."""
    lab.define(HOSTILE)
    lab.configure("tasks_per_process=1")
    worker = lab.start()
    pids = [lab.queue("who") for _ in range(4)]
    states = [lab.queue("leak_state") for _ in range(2)]
    kept = lab.queue("insert", ["fresh", True])
    printed = lab.queue("flood", [300])
    for one in [*pids, *states, kept, printed]:
        assert lab.finish(one).status == "COMPLETED"
    results = [int(lab.run(one).run_result) for one in pids]
    assert len(set(results)) == 4
    assert [lab.run(one).run_result for one in states] == ["1", "1"]
    assert lab.run(printed).run_output.count("\n") == 300
    lab.db.commit()
    assert lab.db(lab.db.ledger.entry == "fresh").count() == 1
    executor = worker.executor().pid
    assert lab.finish(lab.queue("slow", [60, "late"], timeout=1)).status == "TIMEOUT"
    for code in (0, 9):
        crash = lab.queue("exits", [code])
        assert lab.finish(crash).status == "FAILED"
        assert f"exit code {code}" in lab.run(crash).traceback
    stop = lab.queue("slow", [60, "stopped"], timeout=100)
    lab.until(lambda: "begin stopped" in lab.ledger())
    assert lab.scheduler.stop_task(stop) == 1
    lab.db.commit()
    assert lab.finish(stop).status == "STOPPED"
    assert lab.finish(lab.queue("add", [1, 1])).status == "COMPLETED"
    assert worker.executor().pid == executor  # only the task's own process was ended
    job = lab.queue("slow", [60, "job"], timeout=100)
    lab.until(lambda: "begin job" in lab.ledger())
    everyone = psutil.Process(worker.pid).children(recursive=True)
    worker.kill()
    psutil.wait_procs(everyone, 60)
    assert not [one for one in everyone if lives(one.pid)]
    lab.scheduler.stop_task(job)


def test_a_process_is_replaced_after_n_tasks(file_lab):
    """SCHED-61: recycled after so many tasks, none is lost between."""
    file_lab.define(HOSTILE)
    file_lab.configure("tasks_per_process=3")
    file_lab.start()
    tasks = [file_lab.queue("who", commit=False) for _ in range(7)]
    file_lab.db.commit()
    assert {file_lab.finish(one).status for one in tasks} == {"COMPLETED"}
    pids = [int(file_lab.run(one).run_result) for one in tasks]
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]


def test_sched_61_without_fork_each_task_still_has_its_own_process(file_lab):
    """SCHED-61: as on Windows and in the bundle: a process is started by command, not forked."""
    file_lab.define("import os\nif hasattr(os, 'fork'): del os.fork\ndef who(): return os.getpid()\n")
    file_lab.configure("tasks_per_process=1")
    file_lab.start()
    tasks = [file_lab.queue("who", commit=False) for _ in range(3)]
    file_lab.db.commit()
    assert {file_lab.finish(one).status for one in tasks} == {"COMPLETED"}
    assert len({file_lab.run(one).run_result for one in tasks}) == 3


@linux
@pytest.mark.parametrize("fresh", [False, True], ids=["kept", "fresh"])
def test_a_memory_limit_for_a_function(file_lab, fresh):
    """SCHED-44: 5 GB are refused to it as a MemoryError; the worker and other functions go on."""
    file_lab.define(HOSTILE)
    file_lab.configure(f"memory_limit={{'hungry': 300}}{', tasks_per_process=1' if fresh else ''}")
    file_lab.start()
    greedy, modest = file_lab.queue("hungry", [5000]), file_lab.queue("hungry", [50])
    assert file_lab.finish(greedy).status == "FAILED"
    assert "MemoryError" in file_lab.run(greedy).traceback
    assert file_lab.finish(modest).status == "COMPLETED"
    assert file_lab.finish(file_lab.queue("text", [400_000_00])).status == "COMPLETED"


UNLIMITED = """
import contextlib, subprocess, sys, time
from runtime.scheduler import task_process
task_process.limited = contextlib.nullcontext  # a system that refuses no memory
def takes(megabytes, seconds):
    block = b'x' * (megabytes * 1024 * 1024)  # written to, as an untouched block takes none
    print('taken')
    time.sleep(seconds)
    return len(block)
def starts(megabytes):
    code = "import sys, time; block = b'x' * (int(sys.argv[1]) << 20); time.sleep(60)"
    subprocess.run([sys.executable, '-c', code, str(megabytes)])
"""


@pytest.mark.parametrize("fresh", [False, True], ids=["kept", "fresh"])
def test_a_memory_limit_where_the_system_knows_none(file_lab, fresh):
    """SCHED-44: the worker sees what the task and its processes hold, ends it and says why; others go on."""
    lab = file_lab
    lab.define(UNLIMITED)
    lab.configure(f"memory_limit={{'takes': 100, 'starts': 100}}{', tasks_per_process=1' if fresh else ''}")
    worker = lab.start()
    for name, args in (("takes", [300, 60]), ("starts", [300])):
        greedy = lab.queue(name, args, timeout=50)
        assert lab.finish(greedy).status == "FAILED"
        said = lab.run(greedy).traceback
        assert said.startswith("MemoryError: the task took")
        assert "memory_limit is 100 MB" in said
    modest = lab.queue("takes", [30, 1])
    assert lab.finish(modest).status == "COMPLETED"
    assert lab.finish(lab.queue("text", [100])).status == "COMPLETED"
    assert worker.process.poll() is None
    lab.until(lambda: len(psutil.Process(worker.pid).children(recursive=True)) <= 1, "the processes to go")


def test_hostile_tasks(file_lab):
    """SCHED-26, SCHED-43..45, SCHED-61: each gets its end, the worker serves the next one."""
    lab = file_lab
    lab.define(HOSTILE)
    worker = lab.start()
    stubborn = lab.queue("stubborn", timeout=1)
    assert lab.finish(stubborn).status == "TIMEOUT"
    assert lab.run(stubborn).run_output == "ignoring\n"
    parent = lab.queue("begets", [2])
    assert lab.finish(parent).status == "COMPLETED"
    for name, words in (("returns_a_set", "TypeError"), ("raises_base", "odd")):
        task_id = lab.queue(name)
        assert lab.finish(task_id).status == "FAILED"
        assert words in lab.run(task_id).traceback
    for name, args in (("exits", [0]), ("segfault", [])):
        task_id = lab.queue(name, args)
        assert lab.finish(task_id).status == "FAILED"
        assert "exit code" in lab.run(task_id).traceback
    raw = lab.queue("writes_to_descriptor")
    assert lab.finish(raw).status == "COMPLETED"
    assert lab.run(raw).run_result == '""'
    assert lab.finish(lab.queue("threads_on")).status == "COMPLETED"
    assert lab.finish(lab.queue("add", [1, 1])).status == "COMPLETED"
    assert worker.process.poll() is None


def test_a_flood_of_output_is_bounded(file_lab):
    """SCHED-45: the end is kept; neither worker nor executor grows with what is printed."""
    lab = file_lab
    lab.define(HOSTILE)
    worker = lab.start()
    flood = lab.queue("pours", [100], timeout=120)
    highest = 0
    while lab.task(flood).status in ("QUEUED", "RUNNING"):
        highest = max(highest, psutil.Process(worker.pid).memory_info().rss)
        time.sleep(0.05)
    assert lab.task(flood).status == "COMPLETED"
    assert len(lab.run(flood).run_output) == 4 * 1024 * 1024
    assert highest < 150e6


def test_err_08_10_tk_18_a_failing_task_makes_a_ticket(file_lab):
    """ERR-08, ERR-10, TK-18: the run names the ticket, the ticket has the line; the log has the number, too."""
    from runtime.admin.scheduler.related import ticket_of_run
    from runtime.errors import read_ticket

    lab = file_lab
    worker = lab.start()
    task_id = lab.queue("fail")
    assert lab.finish(task_id).status == "FAILED"
    first, *_, last = lab.run(task_id).traceback.strip().splitlines()
    assert last.startswith("ZeroDivisionError")
    label, _, number = first.partition(": ")
    assert label == "Ticket"
    application, _, name = number.partition("/")
    assert application == "myapp"
    ticket = read_ticket(str(lab.app), name)
    assert "ZeroDivisionError" in ticket.traceback
    assert ticket.task == {"id": task_id, "run_id": lab.run(task_id).id}
    lab.until(lambda: any(number in line for line in worker.errors), "the line in the log")
    assert ticket_of_run(lab.folder, "myapp", 0, 0, lab.run(task_id).traceback) == name
    quiet = lab.queue("leave")  # an exit is no error
    assert lab.finish(quiet).status == "FAILED"
    assert "Ticket" not in lab.run(quiet).traceback


def test_log_1_2_6_names_11_logging_conf_counts_for_workers_and_tasks(file_lab):
    """LOG-1, LOG-2, LOG-6: one file for all processes of a site. NAMES-11: W2P_TASK is there in tasks alone."""
    lab = file_lab
    lab.define(
        "import logging\n"
        "at_load = 'W2P_TASK' in globals()\n"
        "def logs():\n"
        "    logging.getLogger('web2py.app.myapp').warning('said by %s', W2P_TASK.id)\n"
        "    return at_load\n"
    )
    (lab.folder / "logging.conf").write_text(
        "[loggers]\nkeys=root\n[handlers]\nkeys=file\n[formatters]\nkeys=line\n"
        "[logger_root]\nlevel=INFO\nhandlers=file\n"
        "[handler_file]\nclass=FileHandler\nformatter=line\nargs=('site.log',)\n"
        "[formatter_line]\nformat=%(name)s %(levelname)s %(message)s\n"
    )
    lab.configure("max_empty_runs=2")
    task_id = lab.queue("logs")
    worker = lab.start()
    assert lab.finish(task_id).status == "COMPLETED"
    assert lab.run(task_id).run_result == "true"
    assert worker.end() == 0
    lines = (lab.folder / "site.log").read_text().splitlines()
    assert f"web2py.app.myapp WARNING said by {task_id}" in lines
    assert any(line.startswith(f"web2py.scheduler INFO worker {worker.name} ends") for line in lines)
