"""A small site folder, and routes that are taken back after each test."""

from __future__ import annotations

import pytest

from runtime.foundation.current import current
from runtime.routing import set_default
from runtime.routing.testing import set_site_root

TREE = {
    "admin": ("appadmin", "default", "shell", "wizard"),
    "examples": ("appadmin", "default", "global"),
    "welcome": ("appadmin", "default", "other", "admin"),
}


def build_app(root, name, controllers=("default",)):
    folder = root / "applications" / name
    (folder / "controllers").mkdir(parents=True)
    (folder / "static").mkdir()
    for controller in controllers:
        (folder / "controllers" / f"{controller}.py").write_text("")
    return folder


@pytest.fixture
def site(tmp_path):
    """Site folder with the applications of `TREE`."""
    for name, controllers in TREE.items():
        build_app(tmp_path, name, controllers)
    for language in ("en", "it"):
        folder = tmp_path / "applications" / "examples" / "static" / language
        folder.mkdir()
        (folder / "file").write_text(language)
    set_site_root(tmp_path)
    yield tmp_path
    set_site_root(None)
    set_default(None)
    current._begin()


@pytest.fixture
def make_app():
    """Function that adds an application to a site folder."""
    return build_app
