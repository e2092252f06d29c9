"""Shared parts of the tests of the database layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from runtime import dal


@contextmanager
def framed(commit: bool = True) -> Iterator[None]:
    dal.begin_request()
    try:
        yield
    except BaseException:
        dal.finish(commit=False)
        raise
    dal.finish(commit=commit)


@pytest.fixture
def in_request() -> Callable[..., Any]:
    """A context manager: the frame of one request."""
    return framed


@pytest.fixture
def folder(tmp_path: Path) -> str:
    path = tmp_path / "databases"
    path.mkdir()
    return str(path)


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    dal.finish(commit=False)
