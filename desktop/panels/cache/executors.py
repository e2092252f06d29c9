"""The processes that run tasks of workers, as the panel asks them for what they keep in memory (CA-01)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runtime.foundation.problems import UserError

from .model import WORKER


class Executors:
    """Those of one site that can be asked; for threads in the background only.

    Args:
        site: the site folder.
    """

    def __init__(self, site: Path) -> None:
        self._site = site
        self._clients: dict[int, Any] = {}

    def stores(self, application: str) -> list[dict[str, Any]]:
        """Return for each of an application what `cache.list_stores` tells of its memory."""
        from runtime.server.control_file import find_executors

        out = []
        living = set()
        for one in find_executors(self._site):
            living.add(one.pid)
            if one.application != application:
                continue
            try:
                facts = self._client(one).call("cache_stores", timeout=5.0, application=application)
            except UserError:
                continue  # it ends just now, or is stuck in a task
            out += [{**found, "store": f"{WORKER}{one.pid}"} for found in facts if found["store"] == "ram"]
        for pid in set(self._clients) - living:
            self._clients.pop(pid).close()
        return sorted(out, key=lambda facts: str(facts["store"]))

    def _client(self, executor: Any) -> Any:
        from runtime.server.control import ControlClient

        if executor.pid not in self._clients:
            self._clients[executor.pid] = ControlClient(executor.address, executor.key)
        return self._clients[executor.pid]

    def call(self, store: str, name: str, **arguments: Any) -> Any:
        """Ask the process whose store it is.

        Raises:
            UserError: it has ended, or can't answer.
        """
        from runtime.server.control_file import find_executors

        pid = int(store.removeprefix(WORKER))
        found = next((one for one in find_executors(self._site) if one.pid == pid), None)
        if found is None:
            raise UserError(f"The worker with process {pid} has ended; what it kept in memory is gone.")
        return self._client(found).call(name, timeout=20.0, store="ram", **arguments)

    def close(self) -> None:
        """Let the connections go."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
