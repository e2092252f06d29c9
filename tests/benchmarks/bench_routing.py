"""Cost of routing one request in and one address out, beside Werkzeug's Map.

Run: python tests/benchmarks/bench_routing.py
"""

from __future__ import annotations

import tempfile
import timeit
from collections.abc import Callable
from pathlib import Path

from werkzeug.routing import Map, Rule

from runtime.foundation.current import current
from runtime.foundation.storage import Storage
from runtime.routing import URL, RouteTable

ENVIRON = {
    "REQUEST_METHOD": "GET",
    "REMOTE_ADDR": "127.0.0.1",
    "HTTP_HOST": "localhost:8000",
    "wsgi.url_scheme": "http",
}


def microseconds(call: Callable[[], object], number: int = 5000) -> float:
    """Best of five rounds, per call."""
    return min(timeit.repeat(call, number=number, repeat=5)) / number * 1e6


def rules(count: int) -> str:
    """Source of a routes file with `count` pattern rules each way."""
    lines = [f"('/page{i}/$id', '/welcome/default/page{i}/$id')" for i in range(count)]
    return f"routes_in = [{', '.join(lines)}]\nroutes_out = [(b, a) for a, b in routes_in]"


def werkzeug_map(count: int) -> Map:
    """The same rules for Werkzeug."""
    return Map([Rule(f"/page{i}/<id>", endpoint=f"page{i}") for i in range(count)])


def measure(name: str, table: RouteTable, path: str, function: str, count: int) -> None:
    """Print one line: ours, Werkzeug's, ratio."""
    request = Storage(application="welcome", controller="default", function="index", extension="html", args=[],
                      env=Storage(http_host="localhost:8000", wsgi_url_scheme="http"), _routes=table)  # fmt: skip
    current._begin(request=request)
    peer = werkzeug_map(max(count, 1)).bind("localhost")
    last = max(count, 1) - 1
    environ = ENVIRON | {"PATH_INFO": path}
    ours_in = microseconds(lambda: table.map_in(environ))
    theirs_in = microseconds(lambda: peer.match(f"/page{last}/7"))
    ours_out = microseconds(lambda: URL(function, args="7"))
    theirs_out = microseconds(lambda: peer.build(f"page{last}", {"id": "7"}))
    print(
        f"{name:24} in {ours_in:7.2f} us  Werkzeug {theirs_in:7.2f} us  ratio {ours_in / theirs_in:5.2f}"
        f" | out {ours_out:7.2f} us  Werkzeug {theirs_out:7.2f} us  ratio {ours_out / theirs_out:5.2f}"
    )


def main() -> None:
    """Measure no routes, the parametric router, and 1, 50, 500 pattern rules."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for part in ("controllers", "static"):
            (root / "applications" / "welcome" / part).mkdir(parents=True)
        (root / "applications/welcome/controllers/default.py").write_text("")
        (root / "applications/welcome/static/a.css").write_text("")
        measure("no routes", RouteTable(root), "/welcome/default/page0/7", "page0", 0)
        routers = RouteTable.from_routers(root, {"BASE": {"default_application": "welcome"}})
        measure("parametric", routers, "/page0/7", "page0", 0)
        for count in (1, 50, 500):
            table = RouteTable.from_source(root, rules(count))
            measure(f"{count} pattern rules", table, f"/page{count - 1}/7", f"page{count - 1}", count)
        plain = RouteTable(root)
        environ = ENVIRON | {"PATH_INFO": "/welcome/static/a.css"}
        print(f"static file in           {microseconds(lambda: plain.map_in(environ)):7.2f} us")


if __name__ == "__main__":
    main()
