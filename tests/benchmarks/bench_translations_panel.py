"""Figures of the panel Translations: ``python tests/benchmarks/bench_translations_panel.py``.

Each is compared with a peer measured in the same run: opening with parsing the file alone, the filter with one
pass of ``in`` over plain texts, a scan with reading the files alone.
"""

from __future__ import annotations

import ast
import os
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtWidgets import QApplication

from desktop.background import Tasks
from desktop.panels.translations import storage
from desktop.panels.translations.model import Query
from desktop.panels.translations.view import TranslationsPanel
from desktop.shell.actions import Actions
from desktop.shell.notices import Notices
from desktop.shell.preferences import MemoryLayout
from desktop.theme import Theme
from runtime.admin.languages import scan
from runtime.i18n.files import write_dict

STRINGS, FILES = 5000, 500


def best(function: Callable[[], Any], times: int = 5) -> float:
    """Shortest of some runs, in milliseconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        taken.append(1000 * (time.perf_counter() - start))
    return min(taken)


def make_site(site: Path) -> Path:
    app = site / "applications" / "large"
    (app / "languages").mkdir(parents=True)
    (app / "controllers").mkdir()
    texts = {
        f"Text number {at} of the page %(name)s.": f"Testo {at} della pagina %(name)s."
        for at in range(STRINGS)
    }
    write_dict(app / "languages" / "it.py", texts)
    keys = list(texts)
    for at in range(FILES):
        lines = [
            f"def action_{line}():\n    return dict(a=T({keys[(at * 10 + line) % STRINGS]!r}))"
            for line in range(10)
        ]
        (app / "controllers" / f"c{at}.py").write_text("\n".join(lines))
    return app


def show(name: str, value: float, peer: float, what: str) -> None:
    print(f"{name:44} {value:8.1f} ms   {value / peer:5.1f} x {what} ({peer:.1f} ms)")


def main() -> None:
    site = Path(tempfile.mkdtemp())
    app_folder = make_site(site)
    path = app_folder / "languages" / "it.py"
    parse = best(lambda: ast.literal_eval(path.read_text().partition("\n")[2]))
    opened = best(lambda: storage.open_language(app_folder, "it", site / "data"))
    show(f"open a file of {STRINGS} strings, background", opened, parse, "parsing alone")
    app = QApplication(sys.argv[:1])
    tasks, theme = Tasks(), Theme(app)
    actions = Actions(theme)
    panel = TranslationsPanel(theme, actions, MemoryLayout(), Notices(), tasks, lambda: site, site / "data")
    panel.resize(1076, 720)
    panel.show()
    while tasks.under_way() or panel.session.languages is None:
        app.processEvents()

    def open_in_window() -> None:
        panel.session.files.clear()
        panel.session.show_language("it")
        while (
            panel.session.current is None
            or not panel.model.rowCount()
            or panel.session.current.sheet is seen[0]
        ):
            app.processEvents()
        panel.grab()
        seen[0] = panel.session.current.sheet

    seen: list[Any] = [None]
    clicked = best(open_in_window, 3)
    show("from the click to the painted list", clicked, parse, "parsing alone")
    while tasks.under_way():
        app.processEvents()
    file = panel.session.current
    assert file is not None
    sheet = file.sheet
    texts = [row.haystack for row in sheet.rows]
    plain = best(lambda: [text for text in texts if "4999" in text])
    show(
        "filter, model only", best(lambda: sheet.select(None, Query("page 4999"))), plain, "one pass of `in`"
    )

    def type_filter() -> None:
        panel.filters.search.setText("" if panel.filters.search.text() else "4999")
        panel.grab()

    show("filter, to the painted list", best(type_filter, 6), plain, "one pass of `in`")
    show("checks of all strings, background", best(sheet.find_faults, 3), parse, "parsing the file")
    row = sheet.rows[17]

    def type_key() -> None:
        panel.session.set_text(row.key, row.values.text + "x", typed=True)

    show("one key typed", best(type_key, 20), plain, "one pass of `in`")
    read = best(lambda: [each.read_text() for each in (app_folder / "controllers").iterdir()], 3)
    show(f"scan of {FILES} files", best(lambda: scan(app_folder), 2), read, "reading them alone")
    while tasks.under_way():
        app.processEvents()
    tracemalloc.start()
    kept = storage.open_language(app_folder, "it", site / "data")
    print(f"memory of {len(kept.sheet.rows)} strings: {tracemalloc.get_traced_memory()[0] / 1e6:.1f} MB")
    panel.session.files.clear()
    panel.close()


if __name__ == "__main__":
    main()
