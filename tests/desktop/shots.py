"""Pictures of the window in every state, for people to look at: ``python tests/desktop/shots.py FOLDER [scale]``.

Renders without a screen.  Run once with 1 and once with 2 as scale for both pixel ratios.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

if __name__ == "__main__":  # before Qt is imported
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_SCALE_FACTOR", sys.argv[2] if len(sys.argv) > 2 else "1")
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from fakes import NOW, FakeSupervisor, FakeTray, metrics
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QWidget

from desktop.app import make_application
from desktop.desk import Desk
from desktop.processes.state import Cause, Phase
from desktop.shell.about import read_about
from desktop.shell.preferences import MemoryLayout, MemoryPreferences
from desktop.shell.tray import TrayMenu
from desktop.theme import Theme

LONG = (
    "Der Anschluss 8000 wird bereits vom Programm „nginx-Verwaltungsdienst“ (Prozess 81234) verwendet. Wählen Sie "
    "einen anderen Anschluss, oder beenden Sie das Programm und versuchen Sie es danach noch einmal."
)


def settle(app: QApplication) -> None:
    """Lets layouts and timers come to rest."""
    for _ in range(12):
        app.processEvents()


def save(app: QApplication, widget: QWidget, path: Path) -> None:
    settle(app)
    widget.grab().save(str(path))


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    time.time = lambda: NOW  # the same picture at any time of day
    app = make_application(sys.argv[:1])
    theme = Theme(app, QFont(os.environ.get("SHOT_FONT", "DejaVu Sans"), 10))
    supervisor = FakeSupervisor(Phase.SERVING)
    desk = Desk(theme, MemoryPreferences(), MemoryLayout(), supervisor, lambda _t, _a: FakeTray())
    desk.complete()
    supervisor.metrics_changed.emit(metrics(NOW))
    window = desk.window
    window.show()
    for scheme in ("light", "dark"):
        theme.set_scheme(scheme)
        for width, height, kind in ((1280, 800, ""), (760, 560, "narrow-")):
            window.resize(width, height)
            for phase in Phase:
                supervisor.show(phase)
                save(app, window, folder / f"{kind}{phase}-{scheme}.png")
        window.resize(1280, 800)
        supervisor.show(Phase.SERVING, needs_restart=True)
        desk.overview.card.fold.setChecked(True)
        desk.overview.form.password.setText("abc")
        save(app, window, folder / f"form-{scheme}.png")
        window.resize(760, 560)
        save(app, window, folder / f"narrow-form-{scheme}.png")
        desk.overview.form.password.clear()
        desk.overview.card.fold.setChecked(False)
        window.resize(1280, 800)
        window.show_panel("settings")
        desk.notices.post(
            "warning", "Something wants your attention. Look at the log to find out why.", "detail"
        )
        desk.notices.post("error", LONG, "detail")
        save(app, window, folder / f"settings-{scheme}.png")
        for notice in desk.notices.all():
            desk.notices.dismiss(notice.key)
        window.show_panel("overview")
        supervisor.show(Phase.SERVING)
        window.open_palette()
        settle(app)
        palette = window.findChild(QWidget, "palette")
        save(app, palette, folder / f"palette-{scheme}.png")
        palette.close()
        window.open_keys()
        sheet = window.findChild(QWidget, "keys")
        save(app, sheet, folder / f"keys-{scheme}.png")
        sheet.close()
        window.open_about()
        sheet = window.findChild(QWidget, "about")
        sheet.show_about(read_about())
        save(app, sheet, folder / f"about-{scheme}.png")
        sheet.show_page("changes")
        save(app, sheet, folder / f"about-changes-{scheme}.png")
        sheet.close()
        for phase in (Phase.SERVING, Phase.DRAINING, Phase.FAILED):
            supervisor.show(phase)
            menu = TrayMenu(theme, desk.actions)
            view = desk.server.view
            menu.show_state(view.mark, view.status, view.line, desk.server.tray_items())
            menu.popup(window.pos())
            save(app, menu, folder / f"tray-{phase}-{scheme}.png")
            menu.close()
        window.close()
        settle(app)
        save(app, window.findChild(QWidget, "question"), folder / f"question-{scheme}.png")
        window.findChild(QWidget, "question").answer("stay")
        supervisor.show(Phase.FAILED, cause=Cause("port_busy", LONG, "nginx-Verwaltungsdienst", 81234, 8001))
        for width, height, kind in ((1280, 800, ""), (760, 560, "narrow-")):
            window.resize(width, height)
            save(app, window, folder / f"{kind}long-{scheme}.png")
        theme.set_zoom(1.5)
        window.resize(1280, 800)
        supervisor.show(Phase.SERVING)
        save(app, window, folder / f"zoom150-{scheme}.png")
        theme.set_zoom(2.0)
        save(app, window, folder / f"zoom200-{scheme}.png")
        theme.set_zoom(1.0)
    desk.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
