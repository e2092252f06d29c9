"""Pictures of the panel Scheduler: ``python tests/desktop/shots_scheduler.py FOLDER [scale]``; see shots.py."""

from __future__ import annotations

import datetime
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

if __name__ == "__main__":  # before Qt is imported
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_SCALE_FACTOR", sys.argv[2] if len(sys.argv) > 2 else "1")
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from fakes import FakeSupervisor, FakeTray, metrics
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication
from scheduler_site import Tables, fill, make_site
from shots import save
from shots_tickets import wait

from desktop.app import make_application
from desktop.desk import Desk
from desktop.processes.state import Phase
from desktop.shell.preferences import MemoryLayout, MemoryPreferences
from desktop.theme import Theme
from runtime.admin.scheduler.service import open_scheduler


def make(app: QApplication, theme: Theme, site: Path, **texts: str) -> Desk:
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=site)
    preferences = MemoryPreferences({"appearance.theme": theme.scheme})
    desk = Desk(theme, preferences, MemoryLayout(texts), supervisor, lambda _t, _a: FakeTray())
    desk.complete()
    supervisor.metrics_changed.emit(metrics())  # of now: the line shows the last quarter of an hour
    desk.window.resize(1280, 800)
    desk.window.show()
    desk.window.show_panel("scheduler")
    desk.window.activateWindow()
    return desk


def beat_again(site: Path) -> None:
    """The workers that live have given a sign of life just now."""
    with open_scheduler(str(site), "shop") as service:
        statement = "UPDATE scheduler_worker SET last_heartbeat = ?, status = 'ACTIVE' WHERE worker_name <> ?"
        Tables(service).connection.run(statement, datetime.datetime.now(), "lab2#88")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = make_application(sys.argv[:1])
    theme = Theme(app, QFont(os.environ.get("SHOT_FONT", "DejaVu Sans"), 10))
    with tempfile.TemporaryDirectory() as place:
        full, bare, empty = (Path(place) / name for name in ("full", "bare", "empty"))
        make_site(full, "shop", "lab")
        tasks = fill(full)
        make_site(bare, "shop")
        (empty / "applications" / "plain" / "controllers").mkdir(parents=True)
        (empty / "applications" / "plain" / "models").mkdir()
        for scheme in ("light", "dark"):
            theme.set_scheme(scheme)
            desk = make(app, theme, full, scope="shop")
            panel = desk.parts["scheduler"].panel
            session = desk.parts["scheduler"].session
            wait(app, lambda: panel.state() == "rows" and session.tasks.exact, 15)
            panel.show_task(tasks["news_mail"])
            wait(app, lambda: session.detail is not None and session.entries, 5)
            desk.workers.order("shop", "office#5121", "pause")
            session.note_order("office#5121", "pause")
            wait(app, lambda: False, 0.4)
            panel.lists.table.setFocus()
            save(app, desk.window, folder / f"scheduler-{scheme}.png")
            panel.show_tab("runs")
            wait(app, lambda: session.runs.loaded and session.figures is not None, 5)
            panel.lists.choose(next(run.id for run in session.runs.rows if run.error))
            wait(app, lambda: session.texts is not None, 5)
            wait(app, lambda: False, 0.4)
            save(app, desk.window, folder / f"scheduler-runs-{scheme}.png")
            panel.show_tab("workers")
            wait(app, lambda: False, 0.5)
            save(app, desk.window, folder / f"scheduler-workers-{scheme}.png")
            panel.show_tab("dependencies")
            wait(app, lambda: session.job is not None, 5)
            wait(app, lambda: False, 0.3)
            save(app, desk.window, folder / f"scheduler-dependencies-{scheme}.png")
            panel.show_tab("timeline")
            wait(app, lambda: session.timeline is not None, 5)
            view = panel.timeline.view
            view.step_to_failure(1)
            view.setFocus()
            wait(app, lambda: session.texts is not None, 5)
            wait(app, lambda: False, 0.4)
            save(app, desk.window, folder / f"scheduler-timeline-{scheme}.png")
            panel.show_tab("tasks")
            panel.commands.queue()
            wait(app, lambda: False, 0.8)
            save(app, panel.sheet, folder / f"scheduler-queue-{scheme}.png")
            panel.sheet.reject()
            panel.commands.clean_up()
            wait(app, lambda: False, 0.9)
            save(app, panel.sheet, folder / f"scheduler-clean-{scheme}.png")
            panel.sheet.reject()
            session.set_wish(text="stat:failed nothing")
            wait(app, lambda: panel.state() == "none match", 5)
            save(app, desk.window, folder / f"scheduler-none-{scheme}.png")
            session.set_wish(text="", chosen=("failed", "late"))
            desk.window.resize(760, 560)
            wait(app, lambda: panel.state() == "rows", 5)
            save(app, desk.window, folder / f"scheduler-narrow-{scheme}.png")
            desk.window.resize(1280, 800)
            beat_again(full)
            desk.window.show_panel("overview")
            for name in ("shop", "lab"):
                desk.workers.look_now(name)
            wait(app, lambda: len(desk.overview.workers.rows) >= 3 and "lab" in desk.workers.known, 8)
            wait(app, lambda: False, 1.5)
            desk.overview.ensureWidgetVisible(
                desk.overview.workers, 0, 16
            )  # the page is higher than the window
            save(app, desk.window, folder / f"overview-workers-{scheme}.png")
            desk.close()
            for site, name in ((bare, "bare"), (empty, "missing")):
                desk = make(app, theme, site)
                panel = desk.parts["scheduler"].panel
                wait(app, lambda: panel.state() in ("none yet", "not possible now"), 10)
                save(app, desk.window, folder / f"scheduler-{name}-{scheme}.png")
                desk.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    sys.stdout.flush()
    os._exit(0)
