"""The cache of compiled views: fresh after every edit, safe between threads (FLOW-14)."""

from __future__ import annotations

import os
import threading
from typing import Any

import pytest

from runtime.views import TemplateError, ViewLoader, ViewNotFound, render_text, run_to_text


def test_flow_14_edits_of_any_file_of_the_chain_show_at_once(site: Any) -> None:
    """FLOW-14: page, layout, include, include of the layout."""
    site.write(
        layout="{{include 'head.html'}}{{include}}",
        head="h",
        page="{{extend 'layout.html'}}p{{include 'part.html'}}",
        part="x",
    )
    assert site("page") == "hpx"
    view = site.loader.get(str(site.folder), "page.html")
    assert site.loader.get(str(site.folder), "page.html") is view
    for change, page in (
        ({"part": "X"}, "hpX"),
        ({"head": "H"}, "HpX"),
        ({"layout": "[{{include}}]"}, "[pX]"),
        ({"page": "alone"}, "alone"),
    ):
        site.write(**change)
        assert site("page") == page


@pytest.mark.parametrize(("text", "same_time"), [("longer", True), ("two", False)])
def test_flow_14_time_or_size_alone_shows_an_edit(site: Any, text: str, same_time: bool) -> None:
    """FLOW-14"""
    site.write(page="one")
    path = site.folder / "page.html"
    os.utime(path, ns=(10**18, 10**18))
    assert site("page") == "one"
    site.write(page=text)
    os.utime(path, ns=(10**18, 10**18 + (0 if same_time else 1)))
    assert site("page") == text


def test_flow_14_computed_names_are_fresh_too(site: Any) -> None:
    """FLOW-14"""
    site.write(a="a{{include}}", b="b", page="{{extend layout}}{{include part}}")
    assert site("page", layout="a.html", part="b.html") == "ab"
    site.write(a="A{{include}}", b="B")
    assert site("page", layout="a.html", part="b.html") == "AB"


def test_a_deleted_or_mended_file_is_noticed(site: Any) -> None:
    site.write(page="{{include 'part.html'}}", part="x")
    assert site("page") == "x"
    (site.folder / "part.html").unlink()
    with pytest.raises(TemplateError):
        site("page")
    site.write(part="y")
    assert site("page") == "y"
    (site.folder / "page.html").unlink()
    with pytest.raises(ViewNotFound):
        site("page")


def test_check_interval_saves_the_look_at_the_files(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """FLOW-14: with an interval edits show after it; until then no file is touched."""
    now = [100.0]
    monkeypatch.setattr("runtime.views.loader.time.monotonic", lambda: now[0])
    site.loader = ViewLoader(check_interval=1.0)
    site.write(page="one")
    assert site("page") == "one"
    site.write(page="other")
    now[0] += 0.9
    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", lambda *_: pytest.fail("looked at a file"))
        assert site("page") == "one"
    now[0] += 0.2
    assert site("page") == "other"


def test_resp_30_delimiters_are_part_of_the_key(site: Any) -> None:
    """RESP-30: one file, two readings; the marks hold in layouts and includes too."""
    site.write(page="[[extend 'lay.html']][[=1]]{{=2}}", lay="<[[include]]>{{=3}}")
    square = site.loader.get(str(site.folder), "page.html", ("[[", "]]"))
    assert run_to_text(square, {}) == "<1{{=2}}>{{=3}}"
    assert site("page") == "[[extend 'lay.html']][[=1]]2"
    site.loader.clear()
    assert site("page") == "[[extend 'lay.html']][[=1]]2"


def test_many_threads_get_whole_pages_while_files_change(site: Any) -> None:
    """FLOW-14: each page is of one state of the files."""
    site.write(layout="<{{include}}>", page="{{extend 'layout.html'}}{{for i in range(20):}}{{=n}},{{pass}}")
    stop = threading.Event()
    wrong: list[str] = []

    def visit(n: int) -> None:
        while not stop.is_set():
            page = site("page", n=n)
            if page not in (f"<{f'{n},' * 20}>", f"({f'{n},' * 20})"):
                wrong.append(page)

    threads = [threading.Thread(target=visit, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for turn in range(30):
        temporary = site.folder / "new"
        temporary.write_text("({{include}})" if turn % 2 else "<{{include}}>")
        os.replace(temporary, site.folder / "layout.html")
    stop.set()
    for thread in threads:
        thread.join(60)
    assert not wrong
    assert not any(thread.is_alive() for thread in threads)


def test_templates_given_as_text_see_edits_of_what_they_include(site: Any) -> None:
    """FLOW-14, and a text alone has no folder to read from."""
    site.write(part="1")
    folder = str(site.folder)
    assert render_text("{{include 'part.html'}}{{include x}}", {"x": "part.html"}, folder=folder) == "11"
    site.write(part="two")
    assert render_text("{{include 'part.html'}}{{include x}}", {"x": "part.html"}, folder=folder) == "twotwo"
    for text in ("{{include 'part.html'}}", "{{include x}}"):
        with pytest.raises(TemplateError):
            render_text(text, {"x": "part.html"})
    assert [render_text(f"{n}{{{{=1}}}}", {}) for n in range(300)][-1] == "2991"


def test_a_file_that_is_not_utf8_is_named(site: Any) -> None:
    (site.folder / "page.html").write_bytes(b"a\nb\n\xff")
    with pytest.raises(TemplateError, match="line 3: the file is not UTF-8"):
        site("page")
    (site.folder / "page.html").write_bytes(b"\xef\xbb\xbfa{{=1}}")
    assert site("page") == "a1"
