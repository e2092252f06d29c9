"""A views folder in a temporary place, with what a request would do to show a page of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runtime.views import ViewLoader, run_to_text


class Site:
    """A views folder; call it with a view's name and variables to get the page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loader = ViewLoader()

    def write(self, **files: str) -> None:
        """Write views; ``a__b`` is the file ``a/b.html``."""
        for name, text in files.items():
            path = self.folder / (name.replace("__", "/") + ".html")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")

    def __call__(self, name: str, **variables: Any) -> str:
        return run_to_text(self.loader.get(str(self.folder), name + ".html"), variables)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    folder = tmp_path / "views"
    folder.mkdir()
    return Site(folder)
