"""Time of one page: 50 rows, layout, block, super, an include per row, 5 translations.

Compares this runtime's views with yatl (its compiled code cached by hand, as it
has no cache), with Jinja2 (compiled templates cached, autoescape on) and with
the floor: the same texts appended to a list by hand, escaped, joined once.
Prints microseconds (lowest of the rounds) and ratios. Run it as a script.
"""

from __future__ import annotations

import sys
import tempfile
import timeit
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any
from unittest.mock import patch

import jinja2

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

# Where it finds a module `gluon`, yatl uses parts of it: here it has to stand on its own.
with patch.dict(sys.modules, {"gluon": None, "gluon.globals": None}):
    from yatl.template import DummyResponse, TemplateParser

from runtime.views import ViewLoader, run_to_text

ROUNDS, CALLS = 9, 200

VIEWS = {
    "layout.html": (
        "<!DOCTYPE html>\n<html><head><title>{{block title}}{{=T('Site')}}{{end}}</title></head>\n<body>\n"
        "<nav>{{=T('Home')}} {{=T('About')}}</nav>\n<main>{{include}}</main>\n"
        "<footer>{{block footer}}{{=T('Footer')}}{{end}}</footer>\n</body></html>\n"
    ),
    "row.html": (
        "<tr><td>{{=row.id}}</td><td>{{=row.name}}</td><td>{{=row.note}}</td><td>{{=row.price}}</td></tr>\n"
    ),
    "page.html": (
        "{{extend 'layout.html'}}{{block title}}{{=T('Rows')}} - {{super}}{{end}}<h1>{{=title}}</h1>\n<table>\n"
        "{{for row in rows:}}{{include 'row.html'}}{{pass}}</table>\n"
    ),
}
JINJA = {
    "layout.html": (
        VIEWS["layout.html"]
        .replace("{{block title}}", "{% block title %}")
        .replace("{{block footer}}", "{% block footer %}")
        .replace("{{end}}", "{% endblock %}")
        .replace("{{include}}", "{% block body %}{% endblock %}")
        .replace("{{=", "{{")
    ),
    "row.html": VIEWS["row.html"].replace("{{=", "{{"),
    "page.html": (
        "{% extends 'layout.html' %}{% block title %}{{T('Rows')}} - {{super()}}{% endblock %}"
        "{% block body %}<h1>{{title}}</h1>\n<table>\n"
        "{% for row in rows %}{% include 'row.html' %}{% endfor %}</table>\n{% endblock %}"
    ),
}


class Row:
    """A database row as the page sees it."""

    def __init__(self, number: int) -> None:
        self.id = number
        self.name = f"name{number}"
        self.note = f"a note <{number}> & more"
        self.price = number * 1.5


def variables() -> dict[str, Any]:
    """Return the environment of a request: 200 names, of which the page uses three."""
    environment: dict[str, Any] = {f"name{n}": n for n in range(200)}
    return environment | {"rows": ROWS, "title": "All <rows>", "T": str}


ROWS = [Row(n) for n in range(50)]
ENVIRONMENT = variables()


def ours(folder: Path, interval: float) -> Callable[[], str]:
    """Return a function that renders the page as a request does: look-up in the cache, run."""
    loader, name = ViewLoader(interval), str(folder)
    return lambda: run_to_text(loader.get(name, "page.html"), dict(ENVIRONMENT))


def yatl_cached(folder: Path) -> Callable[[], str]:
    """Return a function that runs yatl's code, compiled once."""
    parser = TemplateParser(VIEWS["page.html"], path=str(folder), context=dict(ENVIRONMENT))
    code = compile(str(parser), "page", "exec")

    def page() -> str:
        environment = dict(ENVIRONMENT)
        environment["response"] = response = DummyResponse()
        exec(code, environment)
        return response.body.getvalue()

    return page


def jinja_cached(auto_reload: bool) -> Callable[[], str]:
    """Return a function that renders with Jinja2."""
    engine = jinja2.Environment(
        loader=jinja2.DictLoader(JINJA), autoescape=True, auto_reload=auto_reload, keep_trailing_newline=True
    )
    return lambda: engine.get_template("page.html").render(ENVIRONMENT)


def floor() -> str:
    """Write the page by hand."""
    parts: list[str] = []
    add = parts.append

    def value(data: Any) -> str:
        if data.__class__ is str:
            return escape(data)
        return str(data)

    add("<!DOCTYPE html>\n<html><head><title>")
    add(value("Rows"))
    add(" - ")
    add(value("Site"))
    add("</title></head>\n<body>\n<nav>")
    add(value("Home"))
    add(" ")
    add(value("About"))
    add("</nav>\n<main><h1>")
    add(value("All <rows>"))
    add("</h1>\n<table>\n")
    for row in ROWS:
        add("<tr><td>")
        add(value(row.id))
        add("</td><td>")
        add(value(row.name))
        add("</td><td>")
        add(value(row.note))
        add("</td><td>")
        add(value(row.price))
        add("</td></tr>\n")
    add("</table>\n</main>\n<footer>")
    add(value("Footer"))
    add("</footer>\n</body></html>\n")
    return "".join(parts)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, text in VIEWS.items():
            (folder / name).write_text(text, encoding="utf-8")
        candidates: dict[str, Callable[[], str]] = {
            "floor: list.append by hand": floor,
            "views, production (look at files each second)": ours(folder, 1.0),
            "views, development (look at files each request)": ours(folder, 0.0),
            "yatl, code cached": yatl_cached(folder),
            "Jinja2, cached": jinja_cached(False),
        }
        pages = {name: page() for name, page in candidates.items()}
        expected = pages["floor: list.append by hand"]
        for name, page in pages.items():
            if page.replace("&#39;", "&#x27;") != expected:
                raise SystemExit(f"{name} gives another page:\n{page}")
        best = dict.fromkeys(candidates, float("inf"))
        for _ in range(ROUNDS):  # in turns, so that other load on the machine meets all of them
            for name, page in candidates.items():
                best[name] = min(best[name], timeit.timeit(page, number=CALLS) / CALLS * 1e6)
        least = best["floor: list.append by hand"]
        for name, time in best.items():
            print(f"{time:8.1f} us  {time / least:5.2f} x the floor  {name}")
        views = best["views, production (look at files each second)"]
        print(
            f"yatl / views {best['yatl, code cached'] / views:.2f}, Jinja2 / views {best['Jinja2, cached'] / views:.2f}"
        )
        cold = (
            min(timeit.repeat(lambda: ViewLoader().get(str(folder), "page.html"), number=20, repeat=5))
            / 20
            * 1e6
        )
        print(f"{cold:8.1f} us  first look-up: read, parse, link, compile 3 files")


if __name__ == "__main__":
    main()
