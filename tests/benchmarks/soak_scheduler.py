"""Several hundred rounds of kill -9 against four workers: every task has to end in the right state.

    python tests/benchmarks/soak_scheduler.py [--rounds N] [--tasks N] [--backend sqlite|postgres|mariadb|cluster]

`cluster` starts a PostgreSQL server of its own, which is killed, too. The
accounts are gone through at the end; a difference raises.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.scheduler.chaos import FAULTS, Chaos  # noqa: E402
from tests.scheduler.conftest import Lab  # noqa: E402
from tests.scheduler.databases import database, own_cluster  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--backend", default="sqlite")
    parser.add_argument("--faults", default=",".join(FAULTS))
    parser.add_argument("--seed", type=int)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if arguments.backend == "cluster":
            with own_cluster() as cluster:
                soak(Path(folder), cluster.uri, cluster, arguments)
        else:
            with database(arguments.backend) as (uri, server):
                soak(Path(folder), uri, server, arguments)


def soak(folder: Path, uri: str, server: object, arguments: argparse.Namespace) -> None:
    lab = Lab(folder, uri)
    lab.server = server
    try:
        chaos = Chaos(lab, arguments.workers, arguments.seed)
        chaos.queue(arguments.tasks)
        began = time.monotonic()
        for number in range(arguments.rounds):
            chaos.round(arguments.faults.split(","))
            if number % 25 == 24:
                print(f"{number + 1} rounds, {chaos.left()} of {chaos.queued} tasks left", flush=True)
                if chaos.left() < 1000:
                    chaos.queue(1000)
        print(chaos.check(patience=600), f"{time.monotonic() - began:.0f} s", flush=True)
    finally:
        lab.close()


if __name__ == "__main__":
    main()
