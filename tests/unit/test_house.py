"""What the house promises of itself: rooms, sizes, one version."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*(ROOT / "runtime").rglob("*.py"), *(ROOT / "desktop").rglob("*.py")])
DRAWS_NOTHING = [
    *(ROOT / "desktop" / "processes").rglob("*.py"),
    *(ROOT / "desktop" / "settings").rglob("*.py"),
    *(ROOT / "desktop" / "secrets").rglob("*.py"),
    *(ROOT / "desktop" / "panels").glob("*/model.py"),
]


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


@pytest.mark.parametrize("path", DRAWS_NOTHING, ids=lambda p: str(p.relative_to(ROOT)))
def test_models_and_processes_draw_nothing(path):
    assert not {name for name in _imports(path) if "QtWidgets" in name}


def test_layer_09_the_runtime_lives_without_qt():
    """LAYER-09: importing all of the runtime works where Qt is not installed."""
    code = (
        "import sys, pkgutil, importlib\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('PySide6', 'shiboken6', 'desktop'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Block())\n"
        "import runtime, gluon\n"
        "for module in pkgutil.walk_packages(runtime.__path__, 'runtime.'):\n"
        "    if not module.name.startswith('runtime.gluon') and not module.name.endswith('__main__'):\n"
        "        importlib.import_module(module.name)\n"
        "for module in pkgutil.walk_packages(gluon.__path__, 'gluon.'):\n"
        "    importlib.import_module(module.name)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr


def test_site_03_parts_can_be_used_alone():
    """SITE-03: helpers, templates and database layer do not load the request machinery."""
    for part in ("runtime.html", "runtime.views", "runtime.dal"):
        code = f"import sys, {part}\nassert 'runtime.web' not in sys.modules, 'loaded'\n"
        result = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
        )
        assert result.returncode == 0, result.stderr


def test_start_04_one_version():
    """START-04: the project file and VERSION agree."""
    with (ROOT / "pyproject.toml").open("rb") as stream:
        project = tomllib.load(stream)["project"]["version"]
    text = (ROOT / "resources" / "VERSION").read_text(encoding="ascii").strip()
    assert re.fullmatch(re.escape(project) + r"\+timestamp(\.\d+){6}", text)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_keeps_to_one_subject(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 600
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "says nothing of its subject"


def test_every_pinned_dependency_is_pinned_once():
    lines = (ROOT / "packaging" / "constraints.txt").read_text(encoding="ascii").splitlines()
    names = [line.split("==")[0].lower().replace("_", "-") for line in lines if line and line[0] != "#"]
    assert len(names) == len(set(names))
    with (ROOT / "pyproject.toml").open("rb") as stream:
        project = tomllib.load(stream)["project"]
    wanted = [
        *project["dependencies"],
        *(d for group in project["optional-dependencies"].values() for d in group),
    ]
    for requirement in wanted:
        name = re.split(r"[<>=!;\[ ]", requirement)[0].lower().replace("_", "-")
        assert name in (project["name"], *names), f"{name} has no tested version in packaging/constraints.txt"
