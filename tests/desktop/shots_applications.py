"""Pictures of the panel Applications: ``python tests/desktop/shots_applications.py FOLDER [scale]``."""

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
    os.environ["HADRON_DATA_DIR"] = tempfile.mkdtemp()
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from applications_site import fill, in_git
from fakes import FakeSupervisor, FakeTray
from PySide6.QtGui import QFont, QTextCursor
from shots import save
from shots_tickets import wait

from desktop.app import make_application
from desktop.desk import Desk
from desktop.panels.applications.editor.open_file import Conflict
from desktop.panels.applications.sheets import PackSheet
from desktop.processes.state import Phase
from desktop.shell.preferences import MemoryLayout, MemoryPreferences
from desktop.theme import Theme


def make(theme: Theme, site: Path, options: dict | None = None) -> Desk:
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=site)
    values = {"appearance.theme": theme.scheme, **(options or {})}
    desk = Desk(theme, MemoryPreferences(values), MemoryLayout(), supervisor, lambda _t, _a: FakeTray())
    desk.complete()
    desk.window.resize(1280, 800)
    desk.window.show()
    desk.window.show_panel("applications")
    desk.window.activateWindow()
    return desk


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = make_application(sys.argv[:1])
    theme = Theme(app, QFont(os.environ.get("SHOT_FONT", "DejaVu Sans"), 10))
    site = Path(tempfile.mkdtemp(prefix="site"))
    fill(site)
    shop = site / "applications/shop"
    in_git(shop)
    (shop / "models/menu.py").write_text("response.menu = [1]\n")
    desk = make(theme, site)
    panel = desk.parts["applications"].panel
    wait(app, lambda: all(row.facts for row in panel.listing.rows) and len(panel.listing.rows) > 4)
    panel.list.choose("shop")
    wait(app, lambda: False, 2.5)
    for scheme in ("light", "dark"):
        theme.set_scheme(scheme)
        save(app, desk.window, folder / f"applications-{scheme}.png")
    theme.set_scheme("light")
    panel.list.show_kind("grid")
    save(app, desk.window, folder / "applications-grid-light.png")
    panel.list.show_kind("rows")
    desk.window.resize(760, 560)
    save(app, desk.window, folder / "applications-narrow-light.png")
    desk.window.resize(1280, 800)
    theme.set_zoom(2.0)
    save(app, desk.window, folder / "applications-large-light.png")
    theme.set_zoom(1.0)
    panel.open_application("shop")
    for path in ("views/default/index.html", "models/db.py", "controllers/default.py"):
        panel.open_path(shop / path)
        wait(app, lambda path=path: panel.file() is not None and panel.file().path == shop / path)
    file = panel.file()
    file.edit.go_to(21)
    cursor = file.edit.textCursor()
    cursor.movePosition(QTextCursor.MoveOperation.EndOfLine)
    cursor.deletePreviousChar()
    file.edit.setTextCursor(cursor)
    wait(app, lambda: bool(file.problems))
    wait(app, lambda: panel.git_state is not None)
    panel.bottom.show_pane("problems")
    for at in range(panel.opened.tree.tree_model.rowCount()):
        if at < 2:
            panel.opened.tree.expand(panel.opened.tree.tree_model.index(at, 0))
    panel.opened.reveal("controllers/default.py", 21)
    file.set_conflict(Conflict.CHANGED, time.time() - 20)
    file.edit.setFocus()
    for scheme in ("light", "dark"):
        theme.set_scheme(scheme)
        save(app, desk.window, folder / f"editor-{scheme}.png")
    theme.set_scheme("light")
    desk.window.resize(760, 560)
    save(app, desk.window, folder / "editor-narrow-light.png")
    desk.window.resize(1280, 800)
    theme.set_zoom(2.0)
    save(app, desk.window, folder / "editor-large-light.png")
    theme.set_zoom(1.0)
    tools = desk.parts["applications"].tools
    panel.bottom.show_pane("search")
    tools.search.text.setText("db.thing")
    wait(app, lambda: "hits in" in tools.search.count.whole())
    save(app, desk.window, folder / "search-light.png")
    panel.bottom.show_pane("git")
    wait(app, lambda: False, 0.5)
    save(app, desk.window, folder / "git-light.png")
    tools.run_tests()
    wait(app, tools.tests.go.isEnabled)
    save(app, desk.window, folder / "tests-light.png")
    for name in ("graph", "routes", "about", "plugins"):
        tools.sheet = None
        getattr(tools, name)()
        wait(app, lambda: tools.sheet is not None)
        wait(app, lambda: False, 0.4)
        save(app, tools.sheet, folder / f"{name}-light.png")
        tools.sheet.accept()
    commands = desk.parts["applications"].commands
    commands.quick()
    wait(app, lambda: len(panel.reading.index) > 5)
    commands._quick.field.setText("in")
    save(app, commands._quick, folder / "quick-light.png")
    commands._quick.close()
    orders = desk.parts["applications"].orders
    orders.pack(panel.listing.find("shop"))
    wait(app, lambda: bool(panel.findChildren(PackSheet)))
    sheet = panel.findChildren(PackSheet)[-1]
    sheet.kind.set_value("files")
    sheet._refresh()
    save(app, sheet, folder / "pack-light.png")
    sheet.reject()
    orders.new()
    wait(app, lambda: False, 0.2)
    from desktop.widgets.sheets import Sheet

    save(app, panel.findChildren(Sheet)[-1], folder / "new-light.png")
    panel.findChildren(Sheet)[-1].reject()
    for open_file in panel.files.all():
        panel.files.close(open_file)
    wait(app, lambda: False, 0.3)
    save(app, desk.window, folder / "editor-empty-light.png")
    desk.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
