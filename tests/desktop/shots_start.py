"""Pictures of what stands around the panels: ``python tests/desktop/shots_start.py FOLDER [scale]``; see shots.py.

The report of a crash, the first run, where things lie.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

if __name__ == "__main__":  # before Qt is imported
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_SCALE_FACTOR", sys.argv[2] if len(sys.argv) > 2 else "1")
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from fakes import NOW, FakeSupervisor, FakeTray
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QWidget
from shots import LONG, save
from shots_tickets import wait

from desktop.app import make_application
from desktop.crashes.report import CrashReport
from desktop.desk import Desk
from desktop.first_run.looking import NewFolder
from desktop.panels.settings.places import Size
from desktop.processes.state import Phase
from desktop.settings.login_start import LoginState
from desktop.shell.preferences import MemoryLayout, MemoryPreferences
from desktop.theme import Theme
from runtime.admin.site_look import AppLook, SiteLook

REPORT = """Hadron stopped unexpectedly

When: 2026-11-19 18:02:11
Began: 2026-11-19 09:14:40
What happened: Segmentation fault.
Drafts kept: 2
Version then: 0.1.0+timestamp.2026.11.01.10.00.00
Build: 0.1.0+timestamp.2026.11.01.10.00.00
Python: 3.13.1 (CPython)
System: Linux-6.12.0-x86_64-with-glibc2.41
Program: bundle
Site folder: ~/Sites
Process: 4711

---- Where it happened ----
Fatal Python error: Segmentation fault

Current thread 0x00007f2e5c1fe740 (most recent call first):
  File "/opt/hadron/desktop/widgets/lines.py", line 131 in paint
  File "/opt/hadron/desktop/app.py", line 112 in _run
  File "/opt/hadron/desktop/launch.py", line 17 in open_window

---- The window's log ----
2026-11-19 09:14:40.118 desktop info Hadron 0.1.0 begins, site folder ~/Sites
2026-11-19 09:14:52.310 desktop info server: Serving on 127.0.0.1:8000
2026-11-19 17:58:03.004 desktop error background work failed: Reading postgres://ann:[hidden]@db/shop
"""


def crash(app: QApplication, desk: Desk, folder: Path, end: str) -> None:
    """The bar, and the sheet behind it."""
    desk.crashes._tell(CrashReport(NOW - 61_000, False, "Segmentation fault.", 2, REPORT, None))
    save(app, desk.window, folder / f"crash-bar-{end}.png")
    desk.notices.dismiss("crash")
    desk.crashes._show(REPORT)
    sheet = desk.window.findChild(QWidget, "crash")
    save(app, sheet, folder / f"crash-{end}.png")
    sheet.close()


STATES = (
    ("shop", "loads", "2 databases, 14 tables, 8 languages"),
    ("library", "loads", "1 database, 9 tables, 2 languages"),
    ("lab", "loads", "1 database, 6 tables, scheduler"),
    ("intranet", "loads", "1 database, 21 tables, 3 languages"),
    ("archive", "off", "visitors see the maintenance page"),
    ("counter", "can't be told", "The models write ([Errno 1] a look writes nothing: 'private/count.txt')."),
    (
        "oldbook",
        "needs attention",
        "ModuleNotFoundError: No module named 'gluon.contrib.simplejson' at models/db.py, line 14.",
    ),
    *((f"course_{year}", "loads", "1 database, 4 tables") for year in range(2009, 2016)),
)


def first_run(app: QApplication, desk: Desk, folder: Path, end: str) -> None:
    """The three steps, with a new folder and with an existing one; refused folders."""
    site = Path("/home/office/web2py")
    desk.first_run.open()
    page = desk.first_run.page
    step = page.folder
    step._on_new(NewFolder(step._new.path, True, "with the welcome application to start from"))
    save(app, desk.window, folder / f"first-run-new-{end}.png")
    step.path.setText(str(site / "applications"))
    step.existing.radio.setChecked(True)
    desk.first_run._looking.end()
    step._on_opened(site)
    step._on_progress(2, 14, "intranet")
    save(app, desk.window, folder / f"first-run-looking-{end}.png")
    step.show_report(SiteLook(site, NOW - 5, 3.2, tuple(AppLook(*each) for each in STATES)))
    save(app, desk.window, folder / f"first-run-{end}.png")
    page.next.click()
    page.password.password.setText("vier Wörter sind leicht")
    save(app, desk.window, folder / f"first-run-password-{end}.png")
    page.next.click()
    save(app, desk.window, folder / f"first-run-ready-{end}.png")
    page.say(f"The folder can't be made: {LONG}")
    save(app, desk.window, folder / f"first-run-fault-{end}.png")
    page.go_to(0)
    step._on_refused(
        f"{site} has no folder applications. Choose the folder that holds it, as the one of web2py does."
    )
    save(app, desk.window, folder / f"first-run-refused-{end}.png")
    desk.first_run._close()


def places(app: QApplication, desk: Desk, folder: Path, end: str) -> None:
    """Where things lie."""
    desk.settings.rows()
    state = LoginState(True, True, "Another copy is started: /opt/hadron-0.9/hadron")
    desk.settings.login._make = lambda: SimpleNamespace(state=lambda: state)
    desk.settings.show_section("general")
    desk.window.show_panel("settings")
    wait(app, desk.settings.login.toggles["login"].isChecked)
    save(app, desk.window, folder / f"settings-login-{end}.png")
    desk.settings.show_section("places")
    desk.tasks.drop("settings.places")
    private = Path("/home/office/.local/share/Hadron")
    for at, row in enumerate(desk.settings.places.rows.values()):
        if at == 3:
            row.path.set_text("/home/office/.config/Hadron")
        elif at > 3:
            row.path.set_text(str(private / row.place.path.name))
        row.show_size(Size(0, -1) if at == 7 else Size(13 ** (at + 2) % 900_000_000, 3 * at))
    save(app, desk.window, folder / f"settings-places-{end}.png")
    desk.window.show_panel("overview")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    time.time = lambda: NOW
    os.environ["HADRON_DATA_DIR"] = tempfile.mkdtemp()
    app = make_application(sys.argv[:1])
    theme = Theme(app, QFont(os.environ.get("SHOT_FONT", "DejaVu Sans"), 10))
    supervisor = FakeSupervisor(Phase.STOPPED)
    desk = Desk(theme, MemoryPreferences(), MemoryLayout(), supervisor, lambda _t, _a: FakeTray())
    desk.window.resize(1280, 800)
    desk.window.show()
    for scheme in ("light", "dark"):
        theme.set_scheme(scheme)
        for zoom in (1.0, 2.0):
            theme.set_zoom(zoom)
            end = scheme if zoom == 1.0 else f"zoom200-{scheme}"
            crash(app, desk, folder, end)
            first_run(app, desk, folder, end)
            places(app, desk, folder, end)
        theme.set_zoom(1.0)
        desk.window.resize(760, 560)
        first_run(app, desk, folder, f"narrow-{scheme}")
        places(app, desk, folder, f"narrow-{scheme}")
        desk.window.resize(1280, 800)
    theme.set_zoom(1.0)
    desk.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
