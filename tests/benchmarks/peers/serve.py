"""One server of the comparison as a process: ``python serve.py KIND FOLDER THREADS``.

It prints its port, then answers lines of its standard input: ``cpu`` with its CPU
seconds so far, ``peak`` with its peak memory in MB, ``steps`` with the average
milliseconds of each step of a request (ours only). It ends with its input.
"""

from __future__ import annotations

import importlib
import json
import logging
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE.parents[2]))


def on_waitress(application: Any, threads: int) -> int:
    """Serve with waitress alone; return the port."""
    from waitress.server import create_server

    server = create_server(application, host="127.0.0.1", port=0, threads=threads)
    threading.Thread(target=server.run, daemon=True).start()
    return int(server.effective_port)


class StepSums:
    """Sums of the steps that each request of ours notes in its record."""

    def __init__(self) -> None:
        self.count = 0
        self.sums: dict[str, float] = {}

    def add(self, record: dict[str, Any]) -> None:
        """Add one finished request."""
        self.count += 1
        for name, value in {**record.get("steps", {}), "all": record["ms"]}.items():
            self.sums[name] = self.sums.get(name, 0.0) + value

    def take(self) -> dict[str, float]:
        """Return the averages and begin again."""
        out = {name: total / self.count for name, total in self.sums.items()} if self.count else {}
        self.count, self.sums = 0, {}
        return out


def on_our_server(folder: Path, threads: int, production: bool, steps: StepSums) -> int:
    """Serve as `hadron serve` does, with its metrics; return the port."""
    from peers import hadron_site
    from runtime.config import Address, ServerConfig
    from runtime.server.factory import make_application
    from runtime.server.metrics import MeteredApplication, Metrics
    from runtime.server.web_server import WebServer

    hadron_site.write(folder)
    config = ServerConfig(folder, (Address("127.0.0.1", 0),), threads=threads, production=production)
    application = MeteredApplication(
        make_application(config, None), Metrics(), config.trusted_proxies, steps.add
    )
    server = WebServer(application, config)
    server.start()
    return server.address.port


def peak_memory() -> float:
    """Return the peak resident memory of this process in MB."""
    try:
        import resource
    except ImportError:
        return 0.0
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main() -> None:
    """Serve until the standard input ends."""
    kind, folder, threads = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    out, sys.stdout = sys.stdout, sys.stderr  # some frameworks print while they start
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # 16 clients on 8 threads are meant to wait
    steps = StepSums()
    if kind in ("hadron", "production"):
        port = on_our_server(folder, threads, kind == "production", steps)
    else:
        port = on_waitress(importlib.import_module(f"peers.{kind}_peer").make(folder), threads)
    answers: dict[str, Callable[[], Any]] = {
        "cpu": time.process_time,
        "peak": peak_memory,
        "steps": steps.take,
    }
    print(port, file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(answers[line.strip()]()), file=out, flush=True)


if __name__ == "__main__":
    main()
