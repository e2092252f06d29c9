"""CPU per request of our applications against the peers, over loopback, and time of each step of ours.

    python tests/benchmarks/bench_web.py [--quick] [--only W1,W4] [--peers flask,django] [--parallel]

README.md beside this file tells what the workloads are and how to read the figures.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from peers import hadron_site, workload  # noqa: E402  # a script: its own folder first

OURS = ("hadron", "production")
PEERS = ("bare", "flask", "django", "py4web")
THREADS = 8
CLIENTS = 16
WEB2PY = {
    "W0": 0.58,
    "W1": 1.61,
    "W2": 2.78,
    "W3": 1.64,
    "W4": 3.36,
    "W5": 2.62,
    "W6s": 0.25,
    "W6l": 8.78,
    "W7": 14.40,
}
"""CPU milliseconds per request of web2py on waitress, recorded on another run of this kind of machine."""
FACTORS = {"W1": 8, "W2": 6, "W3": 6, "W4": 6, "W5": 5, "W6s": 2, "W7": 14}
"""How many times less than the recorded figure ours is to be."""
_KEY = re.compile(rb'name="(form_key|csrfmiddlewaretoken|_formkey)"[^>]*value="([^"]*)"')
_KEY_TURNED = re.compile(rb'value="([^"]*)"[^>]*name="(_formkey)"')
_FORM_NAME = re.compile(rb'name="_formname"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="_formname"')


class Client:
    """One visitor: a kept connection and its cookies."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}

    def send(self, path: str, form: dict[str, str] | None = None) -> tuple[int, bytes]:
        """Send one request; return status and body."""
        headers = {"Accept-Language": "de"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request("GET" if body is None else "POST", path, body, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, data


class Server:
    """A server of the comparison in a process of its own."""

    def __init__(self, kind: str, python: str, folder: str, threads: int = THREADS) -> None:
        self.kind = kind
        self.folder = Path(folder)
        command = [python, str(HERE / "peers" / "serve.py"), kind, folder, str(threads)]
        began = time.perf_counter()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.strip().isdigit():
            raise RuntimeError(f"the server {kind} did not start")
        self.port = int(line)
        self.seconds_to_port = time.perf_counter() - began
        self.visitor = Client(self.port)

    def ask(self, question: str) -> Any:
        """Ask the process for its `cpu`, `peak` or `steps`."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{question}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


# -- one request of each workload ----------------------------------------------------------------------


def work_of(name: str) -> Callable[[Client], int]:
    """Return what sends the requests of one round of the workload, and how many they were."""
    path = workload.ADDRESSES[name]
    return _fill_form if name == "W5" else lambda client: _get(client, path)


def _get(client: Client, path: str) -> int:
    status, body = client.send(path)
    if status != 200 or not body:
        raise RuntimeError(f"{path}: {status} {body[:300]!r}")
    return 1


def _fill_form(client: Client) -> int:
    path = workload.ADDRESSES["W5"]
    _, page = client.send(path)
    form = {"title": "A title", "amount": "12", "body": "Some text"}
    if match := _KEY.search(page):
        form[match[1].decode()] = match[2].decode()
    elif match := _KEY_TURNED.search(page):
        form[match[2].decode()] = match[1].decode()
    if match := _FORM_NAME.search(page):
        form["_formname"] = (match[1] or match[2]).decode()
    status, answer = client.send(path, form)
    if status != 303:
        raise RuntimeError(f"{path}: POST was answered {status} {answer[-500:]!r}")
    return 2


def check(server: Server, names: list[str]) -> None:
    """Send everything once: fill the database, log in, look whether the pages say what they shall."""
    visitor = server.visitor
    if server.kind == "bare":
        return
    visitor.send(workload.ADDRESSES["login"])
    if server.kind in OURS:
        workload.fill(hadron_site.database(server.folder))
    for name in names:
        work_of(name)(visitor)
    page = visitor.send(workload.ADDRESSES["W2"])[1].decode()
    wanted = ("Waren", "Hallo ann", "Bolt &amp; nut &lt;40&gt;", "Bolt 49", "Heute zuletzt geändert")
    items = visitor.send(workload.ADDRESSES["W4"])[1].decode()
    missing = [text for text in wanted if text not in page]
    missing += [text for text in ("Item 0019", "Group 10", "&lt;Title 19&gt;") if text not in items]
    if missing:
        raise RuntimeError(f"{server.kind} does not show {missing}")


# -- measuring -----------------------------------------------------------------------------------------


def cpu_ms(server: Server, name: str, seconds: float, clients: list[Client]) -> float:
    """Return milliseconds of the server's CPU time per request of `clients` that ask side by side."""
    work = work_of(name)
    counts = [0] * len(clients)

    def visit(number: int, until: float) -> None:
        while time.perf_counter() < until or counts[number] < 3:
            counts[number] += work(clients[number])

    before = server.ask("cpu")
    until = time.perf_counter() + seconds
    if len(clients) == 1:
        visit(0, until)
    else:
        threads = [threading.Thread(target=visit, args=(n, until)) for n in range(len(clients))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return float((server.ask("cpu") - before) / sum(counts) * 1000)


def waiting_rate(server: Server, same_visitor: bool, seconds: float) -> float:
    """Return requests per second of 16 connections, of one visitor or of 16, to an action that waits."""
    clients = [Client(server.port) for _ in range(CLIENTS)]
    for client in clients:
        if same_visitor:
            client.cookies = dict(server.visitor.cookies)
        else:
            client.send(workload.ADDRESSES["login"])
    counts = [0] * CLIENTS
    until = time.perf_counter() + seconds

    def visit(number: int) -> None:
        while time.perf_counter() < until:
            counts[number] += _get(clients[number], workload.ADDRESSES["W8"])

    threads = [threading.Thread(target=visit, args=(n,)) for n in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)


def knows(kind: str, name: str) -> bool:
    """Tell whether the server has the workload."""
    return kind != "bare" or name in ("W0", "W1", "W6s", "W6l")


# -- report --------------------------------------------------------------------------------------------


def table(kinds: list[str], best: dict[tuple[str, str], float], names: list[str], recorded: bool) -> None:
    """Print one line per workload: the figures, then the factors of others to ours."""
    print(f"{'':5}" + "".join(f"{kind:>11}" for kind in kinds) + ("  web2py (recorded)" if recorded else ""))
    for name in names:
        ours = best[OURS[0], name]
        line = f"{name:5}"
        for kind in kinds:
            value = best.get((kind, name))
            line += f"{'-':>11}" if value is None else f"{value:11.3f}"
        if recorded and name in WEB2PY:
            factor, wanted = WEB2PY[name] / ours, FACTORS.get(name)
            verdict = (
                "" if wanted is None else f" (target {wanted}x: {'met' if factor >= wanted else 'missed'})"
            )
            line += f"{WEB2PY[name]:8.2f} = {factor:.1f}x{verdict}"
        print(line)
    print("factor of the others to ours (above 1: ours needs less)")
    for name in names:
        ours = best[OURS[0], name]
        cells = "".join(
            f"{best[kind, name] / ours:11.2f}" if (kind, name) in best else f"{'-':>11}" for kind in kinds
        )
        print(f"{name:5}{cells}")


def measure(servers: list[Server], names: list[str], clients: int, rounds: int, seconds: float) -> None:
    """Measure in rounds that alternate between the servers and print the lowest figures."""
    best: dict[tuple[str, str], float] = {}
    visitors = {server.kind: [server.visitor] for server in servers}
    if clients > 1:
        for server in servers:
            visitors[server.kind] = [Client(server.port) for _ in range(clients)]
            if server.kind != "bare":
                for client in visitors[server.kind]:
                    client.send(workload.ADDRESSES["login"])
    for _ in range(rounds):
        for name in names:
            for server in servers:
                if knows(server.kind, name):
                    value = cpu_ms(server, name, seconds, visitors[server.kind])
                    key = server.kind, name
                    best[key] = min(best.get(key, value), value)
    print(f"\nCPU ms per request, c = {clients}, lowest of {rounds} runs of {seconds} s")
    table([server.kind for server in servers], best, names, recorded=clients == 1)


def steps(server: Server, names: list[str], seconds: float) -> None:
    """Print what the server's own record says about the time of each step."""
    print(f"\nmilliseconds of each step (wall clock, averages), {server.kind}")
    for name in names:
        server.ask("steps")
        cpu_ms(server, name, seconds, [server.visitor])
        shown = (f"{step} {value:.3f}" for step, value in server.ask("steps").items())
        print(f"{name:5}{', '.join(shown)}")


def fast_folder() -> str | None:
    """Return a file system in memory, so that no disk's speed is measured; None where there is none."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@contextlib.contextmanager
def running(kinds: list[str], pythons: dict[str, str]) -> Iterator[list[Server]]:
    """Start the servers; those that cannot start are left out, and said so."""
    with tempfile.TemporaryDirectory(prefix="bench-web-", dir=fast_folder()) as root:
        servers: list[Server] = []
        try:
            for kind in kinds:
                folder = Path(root, kind)
                folder.mkdir()
                try:
                    servers.append(Server(kind, pythons.get(kind, sys.executable), str(folder)))
                except RuntimeError as error:
                    print(f"{error}; left out", file=sys.stderr)
            yield servers
        finally:
            for server in servers:
                server.stop()


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few and short runs")
    parser.add_argument("--only", default="", help="workloads, with commas")
    parser.add_argument("--peers", default=",".join(PEERS), help="servers beside ours, with commas")
    parser.add_argument("--parallel", action="store_true", help=f"also with {CLIENTS} clients")
    parser.add_argument("--py4web", default=os.environ.get("PY4WEB_PYTHON", sys.executable), metavar="PYTHON",
                        help="interpreter that has py4web and waitress")  # fmt: skip
    options = parser.parse_args()
    known = [*WEB2PY, "W8"]
    names = [name for name in options.only.split(",") if name] or known
    if unknown := [name for name in names if name not in known]:
        parser.error(f"unknown workload {', '.join(unknown)}: there are {', '.join(known)}")
    rounds, seconds = (3, 0.15) if options.quick else (7, 0.4)
    kinds = [*OURS, *(peer for peer in options.peers.split(",") if peer)]
    with running(kinds, {"py4web": options.py4web}) as servers:
        single = [name for name in names if name != "W8"]
        for server in servers:
            check(server, single)
        if single:
            measure(servers, single, 1, rounds, seconds)
            steps(servers[0], single, seconds)
        if options.parallel and single:
            measure(servers, single, CLIENTS, max(rounds // 2, 2), seconds)
        if "W8" in names:
            print(
                f"\nW8: requests per second of {CLIENTS} connections, one visitor / {CLIENTS} visitors, {THREADS} threads"
            )
            for server in servers:
                if server.kind != "bare":
                    rates = [waiting_rate(server, same, max(seconds * 3, 1.0)) for same in (True, False)]
                    print(f"{server.kind:12}{rates[0]:7.0f} /{rates[1]:7.0f}")
        print("\npeak memory in MB: " + ", ".join(f"{s.kind} {s.ask('peak'):.0f}" for s in servers))


if __name__ == "__main__":
    main()
