"""Pictures of the panels Databases and Cache: ``python tests/desktop/shots_data.py FOLDER [scale]``; see shots.py."""

from __future__ import annotations

import datetime
import decimal
import os
import sqlite3
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

if __name__ == "__main__":  # before Qt is imported
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_SCALE_FACTOR", sys.argv[2] if len(sys.argv) > 2 else "1")
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from data_site import CacheServer, fill_caches, make_sessions, make_site, shop
from fakes import FakeSupervisor, FakeTray
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication
from shots import save

from desktop.app import make_application
from desktop.desk import Desk
from desktop.panels.databases.model import Place
from desktop.processes.state import Phase
from desktop.shell.preferences import MemoryLayout, MemoryPreferences
from desktop.shell.questions import Question
from desktop.theme import Theme

REPORTS = """
db.define_table("report", Field("name"), Field("made", "date"), format="%(name)s")
db.define_table("report_line", Field("report", "reference report"), Field("words"))
"""


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
        db = sqlite3.connect(shop(site, 18402))
        db.execute("CREATE TABLE report (id INTEGER PRIMARY KEY, name CHAR(512), made DATE)")
        db.execute("CREATE TABLE report_line (id INTEGER PRIMARY KEY, report INTEGER, words CHAR(512))")
        db.execute("INSERT INTO report (name, made) VALUES ('Things sold in autumn', '2026-11-30')")
        db.executemany(
            "INSERT INTO report_line (report, words) VALUES (1, ?)", [("12 lamps",), ("3 chairs",)]
        )
        db.commit()
        db.close()
        make_site(site, "db = DAL('sqlite://x.sqlite')\n1 / 0\n", "lab")
        for controller, model in (
            ("audit", "1 / 0\n"),
            ("reports", REPORTS),
            ("reports/monthly", "kind = 'm'\n"),
        ):
            own = site / "applications" / "shop" / "models" / controller
            own.mkdir()
            (own / "tables.py").write_text(model)
        desk = make(app, theme, site)
        window, panel = desk.window, desk.parts["databases"].panel
        window.show_panel("databases")
        wait(app, lambda: bool(panel.places.branches) and panel.places.branches[-1].kind == "table")
        save(app, window, folder / f"databases-empty-{scheme}.png")
        panel.tables.fold(Place("shop", controller="reports"), True)
        panel.tables.fold(Place("shop", controller="audit"), True)
        panel.tables.fold(Place("shop", controller="reports/monthly"), True)
        wait(app, lambda: panel.places.branches[-1].text.startswith("no tables"))
        panel.open_table(Place("shop", "db", "report_line", "reports"), None)
        wait(app, lambda: panel.state() in ("rows", "failed", "none yet"))
        wait(app, lambda: False, 0.6)
        save(app, window, folder / f"databases-controllers-{scheme}.png")
        theme.set_zoom(2.0)
        wait(app, lambda: False, 0.3)
        save(app, window, folder / f"databases-controllers-zoom200-{scheme}.png")
        theme.set_zoom(1.0)
        for controller in ("reports", "audit", "reports/monthly"):
            panel.tables.fold(Place("shop", controller=controller), False)
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
        panel.tables.fold(Place("lab"), True)
        wait(app, lambda: False, 1.5)
        save(app, window, folder / f"databases-all-{scheme}.png")
        desk.close()


PAGE = """<!doctype html>
<html lang="it">
<head>
  <title>Negozio</title>
</head>
<body>
  <h1>Novità</h1>
  <ul class="things">
    <li>Lampada da tavolo</li>
    <li>Paralume, lino</li>
  </ul>
"""


def cache(app: QApplication, theme: Theme, folder: Path, scheme: str) -> None:
    from runtime.cache import CacheOnDisk
    from runtime.cache import ram as ram_module
    from runtime.foundation.storage import Storage

    with tempfile.TemporaryDirectory() as name:
        site = Path(name)
        make_site(site)
        ram_module._STORES.clear()
        server = CacheServer(site)
        desk = make(app, theme, site)
        window, part = desk.window, desk.parts["cache"]
        part.caches._server = server
        panel = part.panel
        window.show_panel("cache")
        wait(app, lambda: panel.state() == "none yet", 5)
        save(app, window, folder / f"cache-empty-{scheme}.png")
        pages = {f"page:/shop/thing/{at}": PAGE * (at % 9 + 1) for at in range(18380, 18402)}
        ram = {
            "page:/shop/index": PAGE * 40,
            "menu:it": ["Casa", "Negozio"],
            "menu:en": ["Home", "Shop"],
            **pages,
        }
        ram["select:thing:stock>0:orderby=~created:limitby=0,20"] = [
            {"id": at, "name": f"Lamp {at}", "price": at * 1.25, "sold": at % 3 == 0} for at in range(90)
        ]
        ram["basket:18402"] = {
            "visitor": "ada", "token": "hush", "lines": [
                {"thing": "Lamp", "price": decimal.Decimal("12.50"), "of": ("oak", "linen")},
                {"thing": "Reading chair", "price": decimal.Decimal("149.00"), "of": ("oak",)},
            ],
            "note": "Please deliver after ten.\nThe bell does not work: knock at the oak door.",
            "begun": datetime.datetime(2026, 11, 3, 14, 15), "sent": None, 7: True,
        }  # fmt: skip
        disk = {
            "rates": {"usd": 1.09, "gbp": 0.86},
            "thumb:18402:240": b"\x89PNG" * 5000,
            "report:2026-10": {"a": 1},
        }
        fill_caches(site, ram, disk)
        store = CacheOnDisk(Storage(folder=str(site / "applications" / "shop")))
        store._with(
            lambda c: c.execute(
                "INSERT INTO entry VALUES ('old:session:bag', ?, ?)", (time.time() - 1036800, b"x" * 4100)
            )
        )
        now = time.time()
        server.history = [
            {
                "time": now - 15 * (60 - at),
                "statistics": {
                    "shop": {
                        "ram": {"hits": at * 400 + at * at % 97 * 20, "misses": at * 20},
                        "disk": {"hits": at * 30 + at * 7 % 23 * 10, "misses": at * 9},
                    }
                },
            }
            for at in range(60)
        ]
        statistics = ram_module._STORES["shop"].statistics
        statistics.hits, statistics.misses = 12402, 901
        panel.refresh()
        wait(app, lambda: panel.row_count() > 20, 5)
        panel.table.choose(panel.model.place(("shop", "ram", "page:/shop/index")))
        wait(app, lambda: False, 0.5)
        save(app, window, folder / f"cache-{scheme}.png")
        value = panel.detail.value
        panel.table.choose(
            panel.model.place(("shop", "ram", "select:thing:stock>0:orderby=~created:limitby=0,20"))
        )
        wait(app, lambda: value.form() == "table", 3)
        save(app, window, folder / f"cache-rows-{scheme}.png")
        panel.table.choose(panel.model.place(("shop", "ram", "basket:18402")))
        wait(app, lambda: value.form() == "tree", 3)
        value.tree.open_levels(3)
        value.tree.field.setText("oak")
        wait(app, lambda: value.tree.count.text().startswith("1 of"), 3)
        value.tree.tree.setFocus()
        save(app, window, folder / f"cache-value-{scheme}.png")
        value.tree.field.clear()
        panel.table.choose(panel.model.place(("shop", "ram", "page:/shop/index")))
        wait(app, lambda: value.form() == "text", 3)
        panel.bar.editing.set_on(True)
        panel.filter.setText("/thing.*[02468]$/")
        wait(app, lambda: False, 0.4)
        save(app, window, folder / f"cache-editing-{scheme}.png")
        panel.commands.delete_matching()
        wait(app, lambda: False, 0.3)
        question = panel.findChild(Question)
        save(app, question, folder / f"cache-question-{scheme}.png")
        question.answer("stay")
        panel.filter.setText("/[/")
        wait(app, lambda: False, 0.3)
        save(app, window, folder / f"cache-wrong-{scheme}.png")
        panel.filter.clear()
        panel.form._choose(1)
        wait(app, lambda: False, 0.2)
        panel._on_folded("page:", True)
        wait(app, lambda: False, 0.3)
        save(app, window, folder / f"cache-tree-{scheme}.png")
        panel.form._choose(0)
        window.resize(760, 560)
        wait(app, lambda: False, 0.3)
        save(app, window, folder / f"cache-narrow-{scheme}.png")
        window.resize(1280, 800)
        theme.set_zoom(2.0)
        wait(app, lambda: False, 0.3)
        save(app, window, folder / f"cache-zoom200-{scheme}.png")
        theme.set_zoom(1.0)
        make_sessions(site)
        panel.show_page("sessions")
        wait(app, lambda: len(panel.sessions.model.sessions) > 2, 8)
        panel.sessions.table.selectRow(0)
        wait(app, lambda: False, 0.5)
        save(app, window, folder / f"cache-sessions-{scheme}.png")
        panel.show_page("cache")
        server.stopped = True
        desk.supervisor.show(Phase.STOPPED)
        panel.refresh()
        wait(app, lambda: not part.caches.snapshot.serving, 3)
        wait(app, lambda: False, 0.3)
        save(app, window, folder / f"cache-stopped-{scheme}.png")
        desk.close()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = make_application(sys.argv[:1])
    theme = Theme(app, QFont(os.environ.get("SHOT_FONT", "DejaVu Sans"), 10))
    for scheme in ("light", "dark"):
        theme.set_scheme(scheme)
        if "cache" in sys.argv[2:] or len(sys.argv) < 4:
            cache(app, theme, folder, scheme)
        if "databases" in sys.argv[2:] or len(sys.argv) < 4:
            databases(app, theme, folder, scheme)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
