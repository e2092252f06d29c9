"""Pictures of the panels Databases and Cache: ``python tests/desktop/shots_data.py FOLDER [scale]``; see shots.py."""

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

from data_site import make_site, shop
from fakes import FakeSupervisor, FakeTray
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication
from shots import save

from desktop.app import Desk, make_application
from desktop.panels.databases.model import Place
from desktop.processes.state import Phase
from desktop.shell.preferences import MemoryLayout, MemoryPreferences
from desktop.theme import Theme


def wait(app: QApplication, ready, seconds: float = 15.0) -> None:
    """Runs the window until something is so, at most some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not ready():
        app.processEvents()
        time.sleep(0.01)


def make(app: QApplication, theme: Theme, site: Path, phase: Phase = Phase.SERVING) -> Desk:
    """A window over the site."""
    supervisor = FakeSupervisor(phase)
    supervisor.settings = replace(supervisor.settings, site_folder=site)
    desk = Desk(
        theme,
        MemoryPreferences({"appearance.theme": theme.scheme}),
        MemoryLayout({"scope": "shop"}),
        supervisor,
        lambda _t, _a: FakeTray(),
    )
    desk.complete()
    desk.window.resize(1280, 800)
    desk.window.show()
    return desk


def databases(app: QApplication, theme: Theme, folder: Path, scheme: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        site = Path(name)
        shop(site, 18402)
        make_site(site, "db = DAL('sqlite://x.sqlite')\n1 / 0\n", "lab")
        desk = make(app, theme, site)
        window, panel = desk.window, desk.parts["databases"].panel
        window.show_panel("databases")
        wait(app, lambda: bool(panel.places.branches) and panel.places.branches[-1].kind == "table")
        save(app, window, folder / f"databases-empty-{scheme}.png")
        panel.open_table(Place("shop", "db", "thing"), None)
        wait(app, lambda: panel.state() == "rows" and panel.session.count.exact)
        panel.grid.setCurrentIndex(panel.session.rows.index(3, 1))
        wait(app, lambda: False, 0.6)
        save(app, window, folder / f"databases-{scheme}.png")
        for tab in ("facets", "structure", "statements", "value"):
            panel.details.show_tab(tab)
            wait(app, lambda: False, 0.5)
            save(app, window, folder / f"databases-{tab}-{scheme}.png")
        panel.details.show_tab("record")
        panel.grid.filter_field("name").setText("~lamp")
        panel.grid.filter_field("price").setText(">abc")
        panel.grid.head._check()
        save(app, window, folder / f"databases-filter-{scheme}.png")
        panel.grid.filter_field("price").setText(">100")
        panel.grid.head._tell()
        wait(app, lambda: bool(panel.session.filters) and panel.session.count.exact, 3)
        panel.bar.editing.set_on(True)
        rows = panel.session.rows
        rows.set_value(1, "name", "Reading lamp")
        rows.set_value(2, "owner", None)
        rows.delete_rows([4])
        rows.set_value(5, "price", "99999")
        panel.session.changes.add({"name": "New lamp", "price": "12.50"})
        panel.grid.setCurrentIndex(rows.index(6, 2))
        wait(app, lambda: False, 0.6)
        save(app, window, folder / f"databases-editing-{scheme}.png")
        rows.changes.restore([rows.id(5)])
        panel.session.write(False)
        wait(app, lambda: not panel.session.writing, 3)
        wait(app, lambda: False, 0.4)
        save(app, window, folder / f"databases-refused-{scheme}.png")
        panel.discard()
        panel.bar.editing.set_on(False)
        panel.bar.query.setChecked(True)
        panel._on_query()
        panel.query.edit.setPlainText("SELECT kind, count(*) AS number, avg(price) FROM thing GROUP BY kind")
        panel.query.ask()
        wait(app, lambda: panel.query.model.rowCount() > 0, 3)
        save(app, window, folder / f"databases-query-{scheme}.png")
        panel.bar.query.setChecked(False)
        panel._on_query()
        window.resize(760, 560)
        wait(app, lambda: False, 0.3)
        save(app, window, folder / f"databases-narrow-{scheme}.png")
        window.resize(1280, 800)
        theme.set_zoom(2.0)
        wait(app, lambda: False, 0.3)
        save(app, window, folder / f"databases-zoom200-{scheme}.png")
        theme.set_zoom(1.0)
        desk.scope.set("")
        panel._on_folded("lab", True)
        wait(app, lambda: False, 1.5)
        save(app, window, folder / f"databases-all-{scheme}.png")
        desk.close()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = make_application(sys.argv[:1])
    theme = Theme(app, QFont(os.environ.get("SHOT_FONT", "DejaVu Sans"), 10))
    for scheme in ("light", "dark"):
        theme.set_scheme(scheme)
        databases(app, theme, folder, scheme)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
