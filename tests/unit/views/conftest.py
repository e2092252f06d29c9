"""A views folder in a temporary place, with what a request would do to show a page of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from runtime.views import ViewLoader, run_to_text


class Site:
    """A views folder; call it with a view's name and variables to get the page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loader = ViewLoader()
        self._edits = 0

    def write(self, **files: str) -> None:
        """Write views; ``a__b`` is the file ``a/b.html``."""
        for name, text in files.items():
            path = self.folder / (name.replace("__", "/") + ".html")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
            self._edits += (
                1  # a person does not edit twice in one tick of the system's file times, a test may
            )
            os.utime(path, ns=(self._edits * 1_000_000_000,) * 2)

    def __call__(self, name: str, **variables: Any) -> str:
        return run_to_text(self.loader.get(str(self.folder), name + ".html"), variables)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    folder = tmp_path / "views"
    folder.mkdir()
    return Site(folder)
