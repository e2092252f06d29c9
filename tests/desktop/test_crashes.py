"""The window notes how it ends, and the next start tells of what went wrong (UI-SH-16)."""

import json
import logging
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QFileDialog

from desktop.crashes.report import PROMPT, make_report
from desktop.crashes.run import Run, Traces, desktop_log, key_of, latest_report, reports_folder
from desktop.settings.folders import data_folder
from desktop.shell.crash_sheet import CrashSheet
from desktop.shell.crashes import day_words
from runtime.errors.report_text import clean_report

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
ROOT = Path(__file__).resolve().parents[2]
DIE = """
import faulthandler, logging, os, sys
from pathlib import Path
from desktop.crashes.run import Run
run = Run(Path(sys.argv[1]), Path(sys.argv[2]))
logging.getLogger("hadron.desktop").setLevel(logging.INFO)
print(run.begin(), flush=True)
def has_told(words):
    import time
    while not any(words in path.read_text() for path in Path(sys.argv[1], "logs").glob("*.log")): time.sleep(0.01)
logging.getLogger("hadron.desktop").warning("password='correct horse' was refused")
{how}
"""


@pytest.fixture
def place(tmp_path):
    site = tmp_path / "site"
    (site / "logs").mkdir(parents=True)
    return SimpleNamespace(data=tmp_path / "data", site=site)


def live(place, how):
    """A window's process that begins a run and then does `how`."""
    return subprocess.run(
        [sys.executable, "-c", DIE.format(how=how), str(place.data), str(place.site)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def begin(place):
    """What the next start finds; its own run is ended at once."""
    run = Run(place.data, place.site)
    found = run.begin()
    run.end()
    return found


def test_sh_16_a_fault_of_the_program_is_told_with_its_place(place):
    """SH-16: the trace, the log's last lines, the time; later starts say nothing more."""
    ended = live(place, "has_told('was refused'); faulthandler._sigsegv()")
    assert ended.returncode != 0
    traces = begin(place)
    report = make_report(traces, place.data)
    assert report.cause == "Segmentation fault."
    assert not report.about
    assert abs(report.when - time.time()) < 600
    assert "faulthandler._sigsegv" in report.text or "most recent call first" in report.text
    assert "was refused" in report.text
    assert "Hadron ends" not in report.text, "lines of the run that followed"
    assert "\n\n\n" not in report.text
    assert "Drafts kept: 0\nVersion then: " in report.text
    assert report.path.read_text(encoding="utf-8") == report.text
    assert begin(place) is None


def test_sh_16_secrets_are_masked(place):
    """SH-16: in the report and in its file."""
    (place.site / "logs" / "server.log").write_text(
        "2026-11-20 18:01:59.000 server info GET /a?token=abcdef12 Authorization: Bearer xyzzyxyzzy\n"
        "2026-11-20 18:02:00.000 server error postgres://ann:hunter2@db/shop smtp_password=hunter2 port=25\n"
    )
    live(place, "has_told('was refused'); os._exit(9)")
    report = make_report(begin(place), place.data)
    for secret in ("correct horse", "abcdef12", "xyzzyxyzzy", "hunter2"):
        assert secret not in report.text
        assert secret not in report.path.read_text(encoding="utf-8")
    assert "postgres://ann:[hidden]@db/shop" in report.text
    assert "port=25" in report.text


def test_sh_16_an_uncaught_error_is_told_by_its_last_line(place):
    ended = live(place, "with run:\n    raise ValueError('no such panel')")
    assert ended.returncode == 1
    report = make_report(begin(place), place.data)
    assert report.cause == "An error in the window ended it: ValueError: no such panel"
    assert "Traceback" in report.text


def test_sh_16_a_kill_and_a_power_cut_are_told_apart(place):
    """SH-16: by when the computer was started; the time is only known to a minute."""
    live(place, "os._exit(9)")
    traces = begin(place)
    assert make_report(traces, place.data, boot=0.0).cause.startswith("It was ended from outside")
    for later, words in ((PROMPT / 2, "started again"), (PROMPT * 9, "switched off")):
        live(place, "os._exit(9)")
        report = make_report(begin(place), place.data, boot=time.time() + later)
        assert words in report.cause
        assert report.about
        assert "When: about " in report.text


def test_sh_16_an_orderly_end_leaves_nothing_to_tell(place):
    assert live(place, "run.end()").returncode == 0
    assert begin(place) is None
    assert latest_report(place.data) is None


def test_sh_16_a_folder_that_can_not_be_written_does_not_stop_the_start(place):
    place.data.write_text("a file where the folder should be")
    assert begin(place) is None


def test_sh_16_a_run_that_was_given_another_site_folder_is_told_there(place, tmp_path):
    """SH-16, ST-06: the first run chooses the folder; the next start, which has that one, tells of the end."""
    chosen = tmp_path / "Meine Anwendungen Öl"
    chosen.mkdir()
    how = f"run.follow(Path({str(chosen)!r})); logging.getLogger('hadron.desktop').warning('here'); has_told('here'); os._exit(9)"
    live(place, how)
    assert begin(place) is None, "nothing is wrong with the folder that it left"
    report = make_report(begin(SimpleNamespace(data=place.data, site=chosen)), place.data)
    assert f"Site folder: {chosen}" in report.text
    assert "here" in report.text


def test_sh_16_a_crash_is_told_when_a_window_comes_to_its_folder(place, tmp_path):
    live(place, "os._exit(9)")
    run = Run(place.data, tmp_path / "other")
    with run:
        run.begin()
        traces = run.follow(place.site)
        assert run.follow(place.site) is None
    assert make_report(traces, place.data).cause.startswith("It was ended from outside")
    assert run.follow(tmp_path / "third") is None, "it is over"
    assert begin(place) is None


def test_sh_16_errors_in_slots_and_threads_reach_the_log(place):
    """SH-16, LG-01: nobody sees the console of a program that was started by its icon."""
    how = (
        "sys.excepthook(ValueError, ValueError('in a slot'), None)\n"
        "import threading\n"
        "thread = threading.Thread(target=lambda: 1 / 0); thread.start(); thread.join()\n"
        "run.end()"
    )
    live(place, how)
    text = desktop_log(place.data, place.site).read_text(encoding="utf-8")
    assert "desktop error unexpected error\n    ValueError: in a slot" in text
    assert "ZeroDivisionError" in text


def test_reports_do_not_pile_up(place):
    folder = reports_folder(place.data)
    folder.mkdir(parents=True)
    for day in range(10, 25):
        (folder / f"crash-202601{day}-120000.txt").write_text("old")
    live(place, "os._exit(9)")
    report = make_report(begin(place), place.data)
    left = sorted(folder.iterdir())
    assert len(left) == 10
    assert left[-1] == report.path


def test_two_reports_of_the_same_second_are_both_kept(place, tmp_path):
    """SH-16: a power cut ends the windows of two folders at once; the later report is the latest."""
    texts = []
    for site in (place.site, tmp_path / "other"):
        live(SimpleNamespace(data=place.data, site=site), "os._exit(9)")
        traces = begin(SimpleNamespace(data=place.data, site=site))
        for path in traces.folder.iterdir():
            os.utime(path, (1_800_000_000, 1_800_000_000))
        texts.append(make_report(traces, place.data).text)
    kept = sorted(reports_folder(place.data).iterdir())
    assert sorted(path.read_text("utf-8") for path in kept) == sorted(texts)
    assert latest_report(place.data).read_text("utf-8") == texts[1]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("cookie: session_id_shop=1-2-3; x=1", "cookie: [hidden]"),
        ("api_key=9f8e7d&x=1", "api_key=[hidden]&x=1"),
        ("keys: 3, monkey=banana", "keys: 3, monkey=banana"),
        ("client_secret: s3cr3t", "client_secret: [hidden]"),
        ("/home/ann/sites/shop", "~/sites/shop"),
        ("/home/annabel/x and /home/ann", "/home/annabel/x and ~"),
        ("file:///home/ann/a%20b", "file://~/a%20b"),
        ("postgres://shop:p@ss/w0rd@db/shop", "postgres://shop:[hidden]@db/shop"),
        ("see http://127.0.0.1:8000/x?mail=a@b", "see http://127.0.0.1:8000/x?mail=a@b"),
        ("mail.settings.login = 'ann:pass word'", "mail.settings.login = '[hidden]'"),
        ("login = ann@example.com:hunter2", "login = [hidden]"),
        ("login: http://x/y", "login: http://x/y"),
        ("passphrase = the quick brown fox", "passphrase = [hidden]"),
        ('{"api_key": ["abc", "def"], "n": 1}', '{"api_key": [hidden], "n": 1}'),
        ("hadron --password geheim -p 80", "hadron --password [hidden] -p 80"),
        (f"GET /shop/user/verify_email/1700000000-{UUID} 200", "GET /shop/user/verify_email/[hidden] 200"),
        (f"sessions/abc/10.0.0.7-{UUID}", "sessions/abc/[hidden]"),
        ("?jwt=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln", "?jwt=[hidden]"),
        ("a\n-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nb", "a\n[hidden]\nb"),
    ],
)
def test_clean_report_hides_what_logs_write(line, shown):
    """SH-16, SH-24: unquoted values, headers and the name of the user."""
    assert clean_report(line, Path("/home/ann")) == shown


def test_sh_24_the_folder_of_the_user_on_windows():
    """SH-16, SH-24: as paths, texts of errors and addresses write it."""
    home = PureWindowsPath(r"C:\Users\Jörg Maß")
    for text in (
        r"C:\Users\Jörg Maß\x",
        r"'C:\\Users\\Jörg Maß\\x'",
        "c:/users/jörg maß/x",
        "C:/Users/J%C3%B6rg%20Ma%C3%9F/x",
    ):
        assert "rg" not in clean_report(text, home), text


def test_day_words():
    now = time.mktime((2026, 11, 20, 0, 10, 0, 0, 0, -1))
    assert day_words(now - 300, now) == "today at 00:05"
    assert day_words(now - 3600, now) == "yesterday at 23:10"
    assert day_words(now - 3 * 86_400, now) == "on 17 November at 00:10"
    assert day_words(now - 400 * 86_400, now).startswith("on 16 October 2025 at")


# in the window


def traces_of(site):
    """What a window that crashed has left."""
    folder = data_folder() / "runs" / f"{key_of(site)}-ended"
    folder.mkdir(parents=True)
    mark = {"pid": 4711, "started": time.time() - 500, "version": "0.1", "site": str(site)}
    (folder / "running.json").write_text(json.dumps(mark))
    (folder / "faults.txt").write_text(
        'Fatal Python error: Segmentation fault\n\nThread 0x1 (most recent call first):\n  File "x.py"\n'
    )
    drafts = data_folder() / "drafts" / "files"
    drafts.mkdir(parents=True)
    (drafts / "a.json").write_text("{}")
    return Traces(folder, site, data_folder() / "logs" / "none.log", time.time())


@pytest.fixture
def told(qtbot, ui, place):
    """A window that has told of a crash."""
    ui.desk.crashes.look(traces_of(place.site))
    qtbot.waitUntil(lambda: ui.window.bars.bars() != [])
    return ui


def test_sh_16_the_bar_says_what_happened_and_that_drafts_are_kept(told):
    (bar,) = told.window.bars.bars()
    assert "Hadron stopped unexpectedly today at " in bar.notice.text
    assert "Segmentation fault." in bar.notice.text
    assert "1 draft is kept" in bar.notice.text
    assert [button.text() for button in bar.buttons] == ["Details", "Copy details"]


def test_sh_16_copy_save_and_open_folder(told, qtbot, tmp_path):
    """SH-16: what the sheet shows is what is copied and saved; nothing is sent."""
    told.window.bars.bars()[0].buttons[0].click()
    sheet = told.window.findChild(CrashSheet)
    assert told.window.bars.bars() == []
    assert "nothing was sent" in sheet.words.text()
    sheet.findChild(QAbstractButton, "crash.copy").click()
    assert "Thread 0x1 (most recent call first)" in QGuiApplication.clipboard().text()
    sheet.findChild(QAbstractButton, "crash.save").click()
    target = tmp_path / "sent by me.txt"
    sheet.findChild(QFileDialog).fileSelected.emit(str(target))
    qtbot.waitUntil(target.exists)
    assert target.read_text(encoding="utf-8").startswith("Hadron stopped unexpectedly")
    sheet.findChild(QAbstractButton, "crash.folder").click()
    assert told.opened == [reports_folder(data_folder()).as_uri()]
    sheet.findChild(QAbstractButton, "crash.close").click()


def test_sh_16_the_report_is_found_again_in_help(told, qtbot):
    action = told.desk.actions.get("help.crash")
    assert action.isEnabled()
    action.trigger()
    qtbot.waitUntil(lambda: told.window.findChild(CrashSheet) is not None)
    assert "Segmentation fault" in told.window.findChild(CrashSheet).text.toPlainText()
    told.window.findChild(CrashSheet).accept()


def test_sh_16_without_a_crash_there_is_no_bar_and_help_says_why(ui):
    ui.desk.crashes.look(None)
    assert ui.window.bars.bars() == []
    assert not ui.desk.actions.get("help.crash").isEnabled()
    assert ui.desk.actions.get("help.crash").toolTip() == "Hadron has not crashed."


def test_lg_01_the_log_of_the_window_is_a_source_of_the_panel_logs(qtbot, ui, place):
    """LG-01: beside those of the server; under the name that its lines have."""
    ui.supervisor.settings = replace(ui.supervisor.settings, site_folder=place.site)
    run = Run(data_folder(), place.site)
    run.begin()
    logging.getLogger("hadron.desktop").error("the keyring did not answer")
    run.end()
    ui.complete("logs")
    ui.window.show_panel("logs")
    panel = ui.desk.parts["logs"].panel
    qtbot.waitUntil(lambda: panel.model.rowCount() >= 3)
    assert set(panel.sources.chips) == {"desktop"}
    record = next(each for each in panel.model.rows() if each.level == "error")
    assert (record.source, record.text) == ("desktop", "the keyring did not answer")


def test_logging_is_given_back(place):
    """A run that ended leaves the loggers as they were."""
    before, hook = logging.getLogger("hadron").handlers[:], sys.excepthook
    begin(place)
    assert logging.getLogger("hadron").handlers == before
    assert sys.excepthook is hook
