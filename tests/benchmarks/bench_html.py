"""A table of 50 rows: Hadron's helpers, yatl's helpers and joined strings; MARKMIN per kilobyte.

Run: python tests/benchmarks/bench_html.py
"""

from __future__ import annotations

import html
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import yatl.helpers as peer

import runtime.html as ours
from runtime.html.markmin import render

ROWS = [(i, f"name {i}", f"<text {i}> & more", "plain") for i in range(50)]


def joined() -> str:
    out = ['<table class="t">']
    for i, row in enumerate(ROWS):
        cells = "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row)
        out.append(f'<tr class="r" id="r{i}">{cells}</tr>')
    return "".join(out) + "</table>"


def tree(kit: object) -> object:
    table, tr, td = kit.TABLE, kit.TR, kit.TD  # type: ignore[attr-defined]  # both kits have them
    return table(
        *[tr(*[td(str(cell)) for cell in row], _class="r", _id=f"r{i}") for i, row in enumerate(ROWS)],
        _class="t",
    )


def best(action: Callable[[], object], repeat: int = 30) -> float:
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    ready = tree(ours)
    ready_peer = tree(peer)
    plain = best(joined)
    results = {
        "strings joined": plain,
        "Hadron, build and write": best(lambda: tree(ours).xml()),  # type: ignore[attr-defined]
        "Hadron, write": best(ready.xml),  # type: ignore[attr-defined]
        "yatl, build and write": best(lambda: tree(peer).xml()),  # type: ignore[attr-defined]
        "yatl, write": best(ready_peer.xml),  # type: ignore[attr-defined]
    }
    for name, seconds in results.items():
        print(f"{name:26} {seconds * 1e6:8.0f} us   {seconds / plain:5.1f} x joined strings")
    text = "# Title\n\nSome **bold** text with [[a link http://x.y]] and ``code``.\n\n- one\n- two\n\n" * 50
    seconds = best(lambda: render(text), 10)
    print(f"{'MARKMIN':26} {seconds / len(text) * 1e9:8.0f} us per 1000 characters")


if __name__ == "__main__":
    main()
