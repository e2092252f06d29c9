"""Cold start and memory: our server against the peers.

    python tests/benchmarks/bench_start.py [ROUNDS] [--peers flask,django]

Milliseconds from starting the process to its first answer (an application with four tables), the CPU
time of that, and the peak memory after it. For the command ``hadron serve`` also the time to *listening* and
*ready*, as the desktop waits for them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from bench_web import PEERS, Server, fast_folder  # noqa: E402  # a script: its own folder first
from peers import hadron_site, workload  # noqa: E402

Figures = dict[str, float]


def of_peer(kind: str, python: str) -> Figures:
    """Start one server of the comparison and ask it once; return its figures."""
    with tempfile.TemporaryDirectory(prefix="bench-start-", dir=fast_folder()) as folder:
        began = time.perf_counter()
        server = Server(kind, python, folder)
        try:
            server.visitor.send(workload.ADDRESSES["W1"])
            answered = time.perf_counter()
            return {"first answer ms": (answered - began) * 1000, "CPU ms": server.ask("cpu") * 1000,
                    "peak MB": server.ask("peak")}  # fmt: skip
        finally:
            server.stop()


def of_command() -> Figures:
    """Run ``hadron serve`` as the desktop does; return the times of its events."""
    import psutil

    with tempfile.TemporaryDirectory(prefix="bench-start-", dir=fast_folder()) as folder:
        hadron_site.write(Path(folder))
        command = [sys.executable, "-m", "desktop.launch", "serve", "--supervised", "-f", folder, "-p", "0"]
        environment = {**os.environ, "HADRON_RUNTIME_DIR": folder}
        began = time.perf_counter()
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
            cwd=HERE.parents[1],
        )  # fmt: skip
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write("{}\n")
        child.stdin.flush()
        figures: Figures = {}
        for line in child.stdout:
            event = json.loads(line)["event"]
            figures[f"{event} ms"] = (time.perf_counter() - began) * 1000
            if event in ("ready", "failed"):
                break
        process = psutil.Process(child.pid)
        times = process.cpu_times()
        figures["CPU ms"] = (times.user + times.system) * 1000
        figures["MB"] = process.memory_info().rss / (1 << 20)
        child.stdin.close()
        child.stdout.read()
        child.wait(20)
        return figures


def lowest(measure: Callable[[], Figures], rounds: int) -> Figures:
    """Return the lowest of each figure."""
    runs = [measure() for _ in range(rounds)]
    return {name: min(run[name] for run in runs) for name in runs[0]}


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rounds", nargs="?", type=int, default=5)
    parser.add_argument("--peers", default=",".join(PEERS), help="servers beside ours, with commas")
    parser.add_argument("--py4web", default=os.environ.get("PY4WEB_PYTHON", sys.executable), metavar="PYTHON",
                        help="interpreter that has py4web and waitress")  # fmt: skip
    options = parser.parse_args()
    base: Figures = {}
    for kind in ["hadron", *(peer for peer in options.peers.split(",") if peer)]:
        python = options.py4web if kind == "py4web" else sys.executable
        try:
            figures = lowest(lambda kind=kind, python=python: of_peer(kind, python), options.rounds)
        except RuntimeError as error:
            print(f"{error}; left out", file=sys.stderr)
            continue
        base = base or figures
        shown = (f"{name} {value:6.0f} (x{value / base[name]:.2f})" for name, value in figures.items())
        print(f"{kind:10}{'   '.join(shown)}")
    shown = (f"{name} {value:.0f}" for name, value in lowest(of_command, options.rounds).items())
    print(f"hadron serve: {', '.join(shown)}")


if __name__ == "__main__":
    main()
