from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.i18n import TranslatorFactory, settings, write_dict, write_plural_dict

Make = Callable[..., TranslatorFactory]


@pytest.fixture(autouse=True)
def development_switches():
    """Each test starts and ends with the switches of development."""
    settings.use_production(False)
    yield
    settings.use_production(False)


@pytest.fixture
def langpath(tmp_path: Path) -> Path:
    folder = tmp_path / "app" / "languages"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def make(langpath: Path) -> Make:
    """Write the language files given by name (``plural_en`` for plural-en.py) and return a translator."""

    def build(accept: str | None = None, **files: dict) -> TranslatorFactory:
        for name, content in files.items():
            name = name.replace("_", "-")
            write = write_plural_dict if name.startswith("plural-") else write_dict
            write(langpath / f"{name}.py", content)
        return TranslatorFactory(str(langpath), accept)

    return build
