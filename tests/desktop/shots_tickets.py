"""Pictures of the panel Tickets: ``python tests/desktop/shots_tickets.py FOLDER [scale]``; see shots.py."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

if __name__ == "__main__":  # before Qt is imported
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_SCALE_FACTOR", sys.argv[2] if len(sys.argv) > 2 else "1")
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from fakes import NOW, FakeSupervisor, FakeTray
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QWidget
from shots import save, settle
from tickets_site import SHOP, fill, ticket, write

from desktop.app import make_application
from desktop.desk import Desk
from desktop.processes.state import Phase
from desktop.shell.preferences import MemoryLayout, MemoryPreferences
from desktop.theme import Theme

LONG = "Wirtschaftsprüfungsgesellschaftsmitgliedschaftsbestätigungsverfahren " * 6


def wait(app: QApplication, ready, seconds: float = 10.0) -> None:
    """Lets the background work until `ready`."""
    end = time.monotonic() + seconds
    while not ready() and time.monotonic() < end:
        app.processEvents()
        time.sleep(0.01)
    for _ in range(20):
        app.processEvents()
        time.sleep(0.005)


def make(app: QApplication, theme: Theme, site: Path) -> Desk:
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=site)
    desk = Desk(
        theme,
        MemoryPreferences({"appearance.theme": theme.scheme}),
        MemoryLayout(),
        supervisor,
        lambda _t, _a: FakeTray(),
    )
    desk.complete()
    desk.window.resize(1280, 800)
    desk.window.show()
    desk.window.show_panel("tickets")
    desk.window.activateWindow()
    desk.parts["tickets"].panel.table.setFocus()
    wait(app, lambda: desk.parts["tickets"].tickets.snapshot.complete)
    wait(app, lambda: desk.parts["tickets"].panel.detail.opened is not None, 1.0)
    return desk


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    time.time = lambda: NOW
    app = make_application(sys.argv[:1])
    theme = Theme(app, QFont(os.environ.get("SHOT_FONT", "DejaVu Sans"), 10))
    with tempfile.TemporaryDirectory() as name:
        site, empty = Path(name) / "Sites", Path(name) / "empty"
        fill(site, NOW)
        write(empty / "applications/welcome/controllers/default.py", "def index(): return 'x'\n")
        for scheme in ("light", "dark"):
            theme.set_scheme(scheme)
            desk = make(app, theme, empty)
            save(app, desk.window, folder / f"tickets-empty-{scheme}.png")
            desk.close()
            desk = make(app, theme, site)
            window, panel = desk.window, desk.parts["tickets"].panel
            for at in range(4):
                ticket(
                    site,
                    "lab",
                    f"New{at}Error",
                    "came meanwhile",
                    "controllers/default.py",
                    2,
                    NOW - at,
                    number=900 + at,
                )
            desk.parts["tickets"].tickets.refresh()
            wait(app, lambda panel=panel: panel.waiting_new() > 0)
            for notice in desk.notices.all():
                desk.notices.dismiss(notice.key)
            save(app, window, folder / f"tickets-{scheme}.png")
            for tab in ("variables", "request", "session", "log", "environment", "raw"):
                panel.detail.show_tab(tab)
                save(app, window, folder / f"tickets-{tab}-{scheme}.png")
            panel.detail.show_tab("traceback")
            panel.commands.show_kind()
            sheet = window.findChild(QWidget, "question")
            save(app, sheet, folder / f"tickets-kind-{scheme}.png")
            sheet.answer("stay")
            source = site / "applications/shop/controllers/default.py"
            source.write_text(SHOP.replace("100 / len(rows)", "100 / max(1, len(rows))"), "utf-8")
            panel.step(-1)
            wait(app, lambda panel=panel: bool(panel.detail.opened.now))
            save(app, window, folder / f"tickets-changed-{scheme}.png")
            source.write_text(SHOP, "utf-8")
            panel.set_single(True)
            wait(app, lambda: False, 0.3)
            save(app, window, folder / f"tickets-single-{scheme}.png")
            panel.set_single(False)
            panel.bar.text.setText("nothing like this")
            save(app, window, folder / f"tickets-nomatch-{scheme}.png")
            panel.clear_filter()
            window.resize(760, 560)
            wait(app, lambda: False, 0.2)
            save(app, window, folder / f"tickets-narrow-{scheme}.png")
            window.resize(1280, 800)
            theme.set_zoom(2.0)
            wait(app, lambda: False, 0.3)
            save(app, window, folder / f"tickets-zoom200-{scheme}.png")
            theme.set_zoom(1.0)
            made = ticket(
                site, "shop", "SehrLangerFehlernameInEinerAnwendungError", LONG, "models/" + "lang" * 30 + ".py", 99999,
                NOW, function="f" * 120, number=999, variables={"n" * 90: "v" * 900, "kurz": LONG},
            )  # fmt: skip
            desk.parts["tickets"].tickets.refresh()
            wait(app, lambda: False, 0.5)
            panel.open_number(made.id)
            wait(app, lambda panel=panel, made=made: panel.detail.opened.id == made.id)
            save(app, window, folder / f"tickets-long-{scheme}.png")
            sheet = panel.commands.keep_sheet()
            wait(app, lambda: False, 0.3)
            save(app, sheet, folder / f"tickets-keep-{scheme}.png")
            sheet.close()
            for number in (900, 901, 902, 903, 999):
                for path in site.glob(f"applications/*/errors/*{number:012x}.json"):
                    path.unlink()
            settle(app)
            desk.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
