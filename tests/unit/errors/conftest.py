"""An application's folder, and errors raised by code in it."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from runtime.errors import record, sampling


class Shop:
    """The folder of an application `shop`, and a way to run code as if it were its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.errors = folder / "errors"

    def error(self, body: str, **names: Any) -> BaseException:
        """Run `body` as a function of the application and return the exception it raises."""
        text = "def index():\n" + textwrap.indent(textwrap.dedent(body), "    ") + "\n"
        path = self.folder / "controllers" / "default.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        environment = dict(names)
        exec(compile(text, str(path), "exec"), environment)
        try:
            environment["index"]()
        except BaseException as error:
            return error
        raise AssertionError("no error")

    def files(self) -> list[str]:
        return sorted(path.name for path in self.errors.glob("*.json")) if self.errors.exists() else []


@pytest.fixture
def shop(tmp_path, monkeypatch) -> Shop:
    monkeypatch.setattr(record, "_SAMPLER", sampling.Sampler())
    monkeypatch.setattr(record, "_SWEPT", {})
    folder = tmp_path / "applications" / "shop"
    folder.mkdir(parents=True)
    return Shop(folder)
