"""Making, renaming and copying files of an application (AP-17)."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from runtime.admin.sources import SourceError
from runtime.foundation.files import write_atomic
from runtime.foundation.paths import safe_join

_NAME = re.compile(r"[^\x00-\x1f<>:\"|?*\\]+")
_PYTHON_SECTIONS = frozenset(("models", "controllers", "modules", "tests"))

CONTROLLER = '''def index():
    """Start page of this controller."""
    return dict(message=T("Hello"))
'''
VIEW = """{{extend 'layout.html'}}

<h1>{{=T("Hello")}}</h1>
"""
MODEL = """# Tables of this model:
# db.define_table("thing", Field("name", requires=IS_NOT_EMPTY()), format="%(name)s")
"""
MODULE = '''"""What this module is for."""

from gluon import current
'''
TEST = """import unittest


class FirstTest(unittest.TestCase):
    def test_something(self):
        self.assertTrue(True)
"""
_CONTENT = {
    "models": MODEL, "controllers": CONTROLLER, "views": VIEW, "modules": MODULE, "tests": TEST,
}  # fmt: skip


def complete_name(section: str, name: str) -> str:
    """Return `name` with the ending that files of `section` have, when it has none."""
    name = name.strip().replace("\\", "/").strip("/")
    if "." in name.rpartition("/")[2]:
        return name
    if section in _PYTHON_SECTIONS or section == "languages":
        return f"{name}.py"
    return f"{name}.html" if section == "views" else name


def spelling_problem(section: str, name: str) -> str:
    """Return why no file of `section` can be called `name`; empty when one can."""
    whole = complete_name(section, name)
    if not whole or any(part in ("", ".", "..") for part in whole.split("/")):
        return "Give the file a name"
    if _NAME.fullmatch(whole) is None:
        return "The name holds letters that file names can't have everywhere"
    if section in ("models", "controllers") and re.fullmatch(r"\w+(/\w+)*\.py", whole, re.ASCII) is None:
        return "Use letters, digits and underscore, so that it can be named in addresses and code"
    return ""


def name_problem(application: Path, section: str, name: str) -> str:
    """Return why a file of `section` of an application can't be called `name`; empty when it can."""
    whole = complete_name(section, name)
    taken = os.path.lexists(application / section / whole)
    return spelling_problem(section, name) or (f"There is already something called {whole}" if taken else "")


def create_file(application: Path, section: str, name: str, content: str | None = None) -> Path:
    """Make a file in a section, with what files of its kind begin with.

    Args:
        application: its folder.
        section: ``models``, ``views`` ...
        name: path below the section; the usual ending is added.
        content: its text; that of its kind by default.

    Raises:
        UserError: the name can not be used, or the file not be written.
    """
    problem = name_problem(application, section, name)
    if problem:
        raise SourceError(f"{name!r} was not made. {problem}.")
    whole = complete_name(section, name)
    path = safe_join(application, section, whole)
    if content is None:
        fitting = section != "views" or whole.endswith(".html")
        content = _CONTENT.get(section, "") if fitting and section in _CONTENT else ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, content)
    except OSError as error:
        raise SourceError(f"{whole} was not made: {error.strerror or error}.") from error
    return path


def rename_file(application: Path, path: Path, name: str) -> Path:
    """Give a file another name within its section; return its new path.

    Raises:
        UserError: the name can not be used, or the file not be moved.
    """
    section, target = _target(application, path, name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(path, target)
    except OSError as error:
        raise SourceError(f"{path.name} was not renamed in {section}: {error.strerror or error}.") from error
    return target


def duplicate_file(application: Path, path: Path, name: str) -> Path:
    """Copy a file under another name within its section; return the path of the copy.

    Raises:
        UserError: the name can not be used, or the file not be copied.
    """
    section, target = _target(application, path, name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    except OSError as error:
        raise SourceError(f"{path.name} was not copied in {section}: {error.strerror or error}.") from error
    return target


def _target(application: Path, path: Path, name: str) -> tuple[str, Path]:
    section = path.relative_to(application).parts[0]
    problem = name_problem(application, section, name)
    if problem:
        raise SourceError(f"{path.name} can't be called {name!r}. {problem}.")
    return section, safe_join(application, section, complete_name(section, name))


def take_in(application: Path, section: str, sources: list[Path]) -> tuple[list[Path], list[str]]:
    """Copy files from elsewhere into a section; return the copies, and sentences about those left out."""
    done, left = [], []
    for source in sources:
        try:
            if not source.is_file():
                raise SourceError(f"{source.name} is no file.")
            problem = name_problem(application, section, source.name)
            if problem:
                raise SourceError(f"{source.name} was left out. {problem}.")
            target = safe_join(application, section, source.name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            done.append(target)
        except SourceError as error:
            left.append(str(error))
        except OSError as error:
            left.append(f"{source.name} was not copied: {error.strerror or error}.")
    return done, left
