"""Run-time errors point at the line of the view's own file (ERR-10, LIB-32)."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import pytest

from runtime.views import dump, load, locate_frame, render, run_to_text


def frames(error: BaseException) -> list[tuple[str, int]]:
    """Return (file name, line) of every frame of a view."""
    found = []
    for frame in traceback.extract_tb(error.__traceback__):
        place = locate_frame(frame.filename, frame.lineno or 0)
        if place is not None:
            found.append((Path(place[0]).name, place[1]))
    return found


def fail(site: Any, name: str, **variables: Any) -> Exception:
    try:
        site(name, **variables)
    except Exception as error:
        return error
    raise AssertionError("the view did not fail")


def test_err_10_line_in_page_layout_include_and_function(site: Any) -> None:
    """ERR-10: every frame is that of the right file and line."""
    site.write(
        layout="<html>\n{{if where == 'layout':}}\n{{=1/0}}\n{{pass}}\n{{block head}}{{end}}\n{{include}}",
        page=(
            "{{extend 'layout.html'}}\n{{block head}}\n{{if where == 'block':}}{{=1/0}}{{pass}}{{end}}\n"
            "{{include 'part.html'}}\n{{\nx = 1\n\nif where == 'code':\n  x = (1 /\n   0)\npass\n}}"
            "{{if where == 'function':}}\n\n{{part(0)}}{{pass}}\n{{include 'dyn' + '.html'}}"
        ),
        part="\n{{def part(n):}}\n <b>{{=1/n}}</b>\n{{return}}\n\n{{if where == 'include':}}{{part(0)}}{{pass}}",
        dyn="\n{{if where == 'dynamic':}}\n{{=undefined}}{{pass}}",
    )
    expected = {
        "layout": [("layout.html", 3)],
        "block": [("page.html", 3)],
        "code": [("page.html", 9)],
        "include": [("part.html", 6), ("part.html", 3)],
        "function": [("page.html", 14), ("part.html", 3)],
        "dynamic": [("page.html", 15), ("dyn.html", 3)],
    }
    for where, places in expected.items():
        assert frames(fail(site, "page", where=where)) == places, where
    assert "1/0" in "".join(traceback.format_exception(fail(site, "page", where="layout")))


def test_err_10_lines_after_windows_line_ends_and_long_strings(site: Any) -> None:
    """ERR-10: line counting with CRLF and strings over several lines."""
    site.write(page="a\r\n{{x = '''\r\n\r\n'''}}\r\n{{y = 1}}{{=1/0}}\r\n")
    assert frames(fail(site, "page")) == [("page.html", 5)]


def test_err_10_computed_layout(site: Any) -> None:
    """ERR-10: an error in the expression itself is on its line too."""
    site.write(page="a\n\n{{extend 1/0}}", lay="\n\n{{extend missing_name}}", page2="{{extend 'lay.html'}}")
    assert frames(fail(site, "page")) == [("page.html", 3)]
    error = fail(site, "page2")
    assert [(Path(f.filename).name, f.lineno) for f in traceback.extract_tb(error.__traceback__)][-1] == (
        "lay.html",
        3,
    )


def test_err_10_places_survive_dump_and_change(site: Any) -> None:
    """ERR-10: compiled applications, and a page whose layout has grown since."""
    site.write(layout="1\n2\n{{include}}", page="{{extend 'layout.html'}}\n{{=1/0}}")
    before = site.loader.get(str(site.folder), "page.html")
    site.write(layout="1\n2\n3\n4\n{{=1/0}}\n{{include}}")
    assert frames(fail(site, "page")) == [("layout.html", 5)]
    for view in (before, load(dump(before))):
        with pytest.raises(ZeroDivisionError) as caught:
            run_to_text(view, {})
        assert frames(caught.value) == [("page.html", 2)]


def test_err_10_places_of_a_page_that_has_grown_since(site: Any) -> None:
    """ERR-10: code that was compiled before an edit still names its own lines."""
    site.write(layout="1\n{{=1/x}}\n{{include}}", page="{{extend 'layout.html'}}")
    before = site.loader.get(str(site.folder), "page.html")
    site.write(page="{{extend 'layout.html'}}\n2\n3\n4\n")
    assert frames(fail(site, "page", x=0)) == [("layout.html", 2)]
    with pytest.raises(ZeroDivisionError) as caught:
        run_to_text(before, {"x": 0})
    assert frames(caught.value) == [("layout.html", 2)]


def test_other_code_is_not_located() -> None:
    assert locate_frame(__file__, 3) is None
    render(content="x")
    assert locate_frame("<view>", 3) == ("<view>", 3)
