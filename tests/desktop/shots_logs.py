"""Pictures of the panel Logs: ``python tests/desktop/shots_logs.py FOLDER [scale]``; see shots.py."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

if __name__ == "__main__":  # before Qt is imported
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_SCALE_FACTOR", sys.argv[2] if len(sys.argv) > 2 else "1")
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from fakes import FakeSupervisor, FakeTray
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from shots import save
from shots_tickets import wait

from desktop.app import make_application
from desktop.desk import Desk
from desktop.processes.state import Phase
from desktop.shell.preferences import MemoryLayout, MemoryPreferences
from desktop.theme import Theme
from runtime.foundation.log_files import worker_log

DAY = "2026-11-20"
WORKERS = (
    "office-5d1c0f4e-7c1e-4a55-9a3f-2b1f0c9d8e7a",
    "lab2-88aa10b3-1111-4c2d-8e5f-0a9b8c7d6e5f",
    "mailer",
)


COLOURED = (
    ("info", "import: \x1b[32m✓ 412 prices\x1b[0m  \x1b[33m⚠ 3 without a supplier\x1b[0m  \x1b[1;31m✗ 1 refused\x1b[0m"),
    ("info", "\x1b[1mresult\x1b[0m \x1b[42m PASS \x1b[0m \x1b[41m FAIL \x1b[0m \x1b[7minverse\x1b[0m \x1b[34mblue \x1b[35mmagenta "
             "\x1b[36mcyan \x1b[90mgrey\x1b[0m \x1b[4munderlined\x1b[0m \x1b[3mitalic\x1b[0m"),
    ("warning", "a visitor sent \x1b[2J\x1b]0;title\x07 and \u202egpj.exe\u202c as the name of a file"),
    ("info", "select thing.id, thing.name, thing.price, thing.owner, thing.created from thing left join person on "
             "thing.owner = person.id where thing.price > 10 and person.active = 'T' order by thing.created desc; " * 3),
)  # fmt: skip


def line(second: int, source: str, level: str, text: str) -> str:
    return f"{DAY} 11:{second // 60:02d}:{second % 60:02d}.{second * 37 % 1000:03d} {source} {level} {text}\n"


def fill(site: Path, workers: int) -> None:
    """A quarter of an hour of a small office."""
    folder = site / "logs"
    folder.mkdir()
    (site / "applications" / "shop").mkdir(parents=True)
    source = f'      File "{site}/applications/shop/controllers/default.py", line 12, in index\n'
    (folder / "server.log").write_text(
        line(0, "server", "info", "listening on 127.0.0.1:8000")
        + line(1, "server", "info", "ready: welcome answers in 212 ms")
        + "".join(line(60 + 45 * n, "app.shop", "info", f"basket {18400 + n} was paid") for n in range(16))
        + line(845, "app.shop", "error", "ZeroDivisionError in /shop/default/index")
        + f"    Traceback (most recent call last):\n{source}    ZeroDivisionError: division by zero\n"
    )
    with open(folder / "server.log", "a") as stream:
        stream.write(
            "".join(line(850 + at, "app.shop", level, text) for at, (level, text) in enumerate(COLOURED))
        )
    (folder / "access.log").write_text(
        "".join(f"192.168.1.{20 + n % 7}, {DAY} 11:{n // 2 + 2:02d}:{n % 2 * 30 + 7:02d}, GET, /shop/default/thing/{18390 + n}, "
                f"HTTP/1.1, {500 if n == 20 else 200}, 0.0{14 + n}\n" for n in range(24))
    )  # fmt: skip
    (folder / "cron.log").write_text(
        line(300, "cron", "info", "shop, line 2: **clean/old has started, process 5130")
        + line(302, "cron", "info", "shop, line 2: **clean/old has ended")
    )
    for at, name in enumerate(WORKERS[:workers]):
        (folder / f"{worker_log('shop', name)}.log").write_text(
            line(10 + at, "scheduler", "info", f"worker {name} serves main, slow")
            + "".join(line(90 + 110 * n + at * 31, "scheduler", "info", f"task {n + 3} news_mail, run {40 + n}: COMPLETED") for n in range(5))
            + line(640 + at * 20, "app.shop", "warning", "the mail server keeps us waiting")
            + line(830 + at * 4, "scheduler", "warning", "task 7 load_csv, run 47: FAILED: ValueError: no price in line 3")
        )  # fmt: skip


def shoot(
    app: QApplication,
    theme: Theme,
    site: Path,
    path: Path,
    kept: dict[str, str] | None = None,
    width: int = 1280,
) -> None:
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=site)
    preferences = MemoryPreferences(
        {"appearance.theme": theme.scheme, "appearance.zoom": round(theme.zoom * 100)}
    )
    desk = Desk(theme, preferences, MemoryLayout(kept), supervisor, lambda _t, _a: FakeTray())
    desk.complete()
    desk.window.resize(width, 800)
    desk.window.show()
    desk.window.show_panel("logs")
    panel = desk.parts["logs"].panel
    wait(app, lambda: panel.row_count() > 0, 10)
    rows = panel.model.rows()
    panel.table.selectRow(next(at for at, row in enumerate(rows) if row.more))
    panel.table.setFocus()
    wait(app, lambda: False, 0.4)
    save(app, desk.window, path)
    desk.close()


def shoot_drawer(
    app: QApplication, theme: Theme, site: Path, path: Path, panel: str, width: int = 1280, height: int = 800
) -> None:
    """The end of the logs under another panel."""
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=site)
    preferences = MemoryPreferences(
        {"appearance.theme": theme.scheme, "appearance.zoom": round(theme.zoom * 100)}
    )
    layout = MemoryLayout({"logs.time": "clock"})
    desk = Desk(theme, preferences, layout, supervisor, lambda _t, _a: FakeTray())
    desk.complete()
    desk.window.resize(width, height)
    desk.window.show()
    desk.window.show_panel(panel)
    wait(app, lambda: False, 0.4)
    desk.actions.get("logs.drawer").trigger()
    wait(app, lambda: desk.parts["logs"].drawer.table.rows.rowCount() > 0, 2)
    wait(app, lambda: False, 0.3)
    save(app, desk.window, path)
    desk.close()


def shoot_menu(app: QApplication, theme: Theme, site: Path, path: Path) -> None:
    """Matches with lines around them, and the menu of the panel over them."""
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=site)
    supervisor.answers["log_level"] = {"logger": "", "level": 20}
    preferences = MemoryPreferences({"appearance.theme": theme.scheme})
    layout = MemoryLayout({"logs.around": "2"})
    desk = Desk(theme, preferences, layout, supervisor, lambda _t, _a: FakeTray())
    desk.complete()
    desk.window.resize(1280, 800)
    desk.window.show()
    desk.window.show_panel("logs")
    panel = desk.parts["logs"].panel
    panel.filter.setText("basket")
    wait(app, lambda: "matches" in panel.count.whole(), 10)
    save(app, desk.window, path.with_stem(path.stem.replace("menu", "around")))
    panel.ask_moment()
    sheet = desk.window.findChild(QWidget, "logs.moment")
    sheet.field.setText("half past nine")
    sheet.give()
    save(app, sheet, path.with_stem(path.stem.replace("menu", "moment")))
    sheet.reject()
    panel.open_menu()
    wait(app, lambda: False, 0.2)
    save(app, max(panel.findChildren(QMenu), key=lambda menu: len(menu.actions())), path)
    desk.close()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = make_application(sys.argv[:1])
    theme = Theme(app, QFont(os.environ.get("SHOT_FONT", "DejaVu Sans"), 10))
    with tempfile.TemporaryDirectory() as place:
        few, many = Path(place) / "few", Path(place) / "many"
        for site, workers in ((few, 1), (many, 3)):
            site.mkdir()
            fill(site, workers)
        for scheme in ("light", "dark"):
            theme.set_scheme(scheme)
            shoot(app, theme, few, folder / f"logs-{scheme}.png")
            shoot(app, theme, many, folder / f"logs-workers-{scheme}.png")
            shown = {"logs.wrap": "yes", "logs.time": "since", "logs.size": "115"}
            shoot(app, theme, few, folder / f"logs-wrapped-{scheme}.png", shown)
            shoot_drawer(app, theme, few, folder / f"log-drawer-{scheme}.png", "overview")
            shoot_menu(app, theme, few, folder / f"logs-menu-{scheme}.png")
        theme.set_scheme("light")
        none = Path(place) / "none"
        none.mkdir()
        shoot_drawer(app, theme, none, folder / "log-drawer-empty.png", "tickets", 760, 560)
        shoot_drawer(app, theme, few, folder / "log-drawer-narrow.png", "tickets", 760, 560)
        shoot(app, theme, few, folder / "logs-narrow.png", {"logs.wrap": "yes", "logs.time": "clock"}, 760)
        theme.set_zoom(2.0)
        shoot(app, theme, few, folder / "logs-zoom200.png", {"logs.time": "clock"})
        shoot_drawer(app, theme, few, folder / "log-drawer-zoom200.png", "overview")
        theme.set_zoom(1.0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    sys.stdout.flush()
    os._exit(0)
