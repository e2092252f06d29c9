"""A site whose applications are made of one model each, and its inspectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime.admin.inspector import Inspector, Inspectors, Limits


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "applications").mkdir()
    return tmp_path


@pytest.fixture
def inspectors(site: Path) -> Iterator[Inspectors]:
    with Inspectors(site, Limits(load=20.0)) as made:
        yield made


@pytest.fixture
def application(site: Path, inspectors: Inspectors) -> Callable[..., Inspector]:
    """Makes an application of a model's text and returns its inspector."""

    def make(model: str, name: str = "shop") -> Inspector:
        folder = site / "applications" / name
        for part in ("models", "databases", "private", "modules", "uploads"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        (folder / "models" / "db.py").write_text(model, encoding="utf-8")
        return inspectors.of(name)

    return make
