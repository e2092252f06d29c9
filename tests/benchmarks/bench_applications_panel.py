"""Figures of the panel Applications: ``python tests/benchmarks/bench_applications_panel.py``.

Each is compared with a peer measured in the same run: the list with walking the folders alone, quick open with
one pass of ``in`` over the names, the search with reading the files alone, typing with a plain text field.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from desktop.panels.applications.editor.code_edit import CodeEdit
from desktop.panels.applications.editor.languages import language_of, prepare
from desktop.theme import Theme
from runtime.admin.application_facts import read_facts
from runtime.admin.applications import list_applications
from runtime.admin.file_search import Wanted, find_in_files
from runtime.admin.quick_open import Index, places_of
from runtime.admin.structure import Reader

APPLICATIONS, FILES = 200, 250
ACTION = "def action_{at}():\n    rows = db(db.thing.id > {at}).select()\n    return dict(rows=rows)\n\n"


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds of one run, and its result."""
    start = time.perf_counter()
    result = function()
    return 1000 * (time.perf_counter() - start), result


def make_site(site: Path) -> None:
    """A site of 200 applications with 250 files each."""
    controller = "".join(ACTION.format(at=at) for at in range(8))
    for number in range(APPLICATIONS):
        app = site / "applications" / f"app_{number}"
        for folder, names, text in (
            ("models", [f"m{at}.py" for at in range(5)], "db.define_table('thing', Field('name'))\n"),
            ("controllers", [f"c{at}.py" for at in range(25)], controller),
            ("views", [f"c{at}/action_{line}.html" for at in range(20) for line in range(5)], "{{=rows}}\n" * 20),
            ("static", [f"css/s{at}.css" for at in range(120)], "body { color: red }\n" * 20),
        ):  # fmt: skip
            for name in names:
                path = app / folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)


def show(name: str, value: float, peer: float, what: str) -> None:
    print(f"{name:52} {value:9.2f} ms   {value / peer:6.1f} x {what} ({peer:.2f} ms)")


def lists(site: Path) -> None:
    walked, count = timed(lambda: sum(len(files) for _, _, files in os.walk(site)))
    taken, infos = timed(lambda: list_applications(site))
    show(f"list of {len(infos)} applications", taken, walked, f"walking {count} files")
    taken, _ = timed(lambda: [read_facts(info) for info in infos])
    show("sizes, errors, strings, faults of all, background", taken, walked, "walking them")
    reader = Reader()
    taken, _ = timed(lambda: reader.read(infos[0].folder))
    show("parts of one application (250 files)", taken, walked / len(infos), "walking it")
    taken, _ = timed(lambda: reader.read(infos[0].folder))
    show("the same again", taken, walked / len(infos), "walking it")


def quick(site: Path) -> None:
    index, names = Index(), []
    for info in list_applications(site):
        places = places_of(info, Reader())
        index.put(info.name, places)
        names += [f"{place.application}/{place.name}".lower() for place in places]
    taken = []
    peer, _ = timed(lambda: [name for name in names if "action" in name])
    for word in ("action_7", "app_19/c3", "css", "m4", "thing", "zzz"):
        for end in range(1, len(word) + 1):
            taken.append(min(timed(lambda part=word[:end]: index.find(part))[0] for _ in range(3)))
    show(f"quick open over {len(index)} names, slowest key", max(taken), peer, "one pass of in")
    show("the same, median key", sorted(taken)[len(taken) // 2], peer, "one pass of in")


def search(site: Path) -> None:
    folders = [info.folder for info in list_applications(site)[:8]]
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    reading, _ = timed(lambda: [path.read_bytes() for path in paths])
    found = find_in_files(folders, Wanted("action_7()"))
    first, _ = timed(lambda: next(found))
    rest, files = timed(lambda: sum(1 for _ in found) + 1)
    show(f"search in {len(paths)} files: first hit", first, reading, "reading them")
    show(f"search in {len(paths)} files: all ({files} with hits)", first + rest, reading, "reading them")
    taken, _ = timed(lambda: list(find_in_files(folders, Wanted(r"action_[79]\(", regex=True))))
    show("the same with an expression", taken, reading, "reading them")


def typing(app: QApplication, edit: QPlainTextEdit) -> list[float]:
    """Milliseconds of computing from each key until it is painted, whatever else the machine does meanwhile."""
    out = []
    for letter in "def total(a, b):  # the 'sum' \n    return '''abc''' + str(a + b)\n" * 12:
        start = time.process_time()
        if letter == "\n":
            QTest.keyClick(edit, Qt.Key.Key_Return)
        else:
            QTest.keyClicks(edit, letter)
        app.processEvents()
        out.append(1000 * (time.process_time() - start))
    return sorted(out)


def pauses(app: QApplication, fill: Callable[[], Any], done: Callable[[], bool]) -> tuple[float, float]:
    """Milliseconds of computing until a field is filled and painted, and of the longest piece of it."""
    pieces = []
    start = time.thread_time()
    fill()
    pieces.append(time.thread_time() - start)
    while not done() or len(pieces) < 4:
        start = time.thread_time()
        app.processEvents()
        pieces.append(time.thread_time() - start)
    return 1000 * sum(pieces), 1000 * max(pieces)


def editor(app: QApplication) -> None:
    theme = Theme(app)
    text = "".join(ACTION.format(at=at) for at in range(25_000))[: 2 * 1024 * 1024]
    plain, edit = QPlainTextEdit(), CodeEdit(theme)
    for field in (plain, edit):
        field.resize(820, 620)
        field.show()
        app.processEvents()
    whole, longest = pauses(app, lambda: plain.setPlainText(text), lambda: True)
    prepare(language_of("a.py"))  # the panel does so in the background
    show_text = lambda: edit.show_text(text, language_of("a.py"))  # noqa: E731
    taken, pause = pauses(app, show_text, lambda: not edit.filling)
    show(f"open {len(text) / 1e6:.1f} MB, {edit.blockCount()} lines", taken, whole, "a plain field")
    show("the same, longest pause of the GUI thread", pause, longest, "a plain field")
    taken, _ = timed(lambda: [app.processEvents() for _ in range(100_000) if not edit.colors.complete])
    show("scan of its lines, in slices", taken, whole, "filling a plain field")
    for field in (plain, edit):
        cursor = field.textCursor()
        cursor.setPosition(len(text) // 2)
        field.setTextCursor(cursor)
        app.processEvents()
    peers, keys = typing(app, plain), typing(app, edit)
    for name, at in (("median", 0.5), ("99th percentile", 0.99)):
        place = int(len(keys) * at)
        show(f"key until painted, {name}", keys[place], peers[place], "a plain field")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        make_site(site)
        lists(site)
        quick(site)
        search(site)
    editor(QApplication(sys.argv[:1]))


if __name__ == "__main__":
    main()
