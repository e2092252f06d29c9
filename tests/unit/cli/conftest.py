"""A site folder with the application `myapp`, and the command line in this process."""

import sys
import textwrap
import types

import pytest

from runtime.cli import main as entry
from runtime.foundation.current import current


class Site:
    """A site folder under construction."""

    def __init__(self, root):
        self.root = root
        self.app = root / "applications" / "myapp"
        for name in ("controllers", "models", "views", "databases", "private", "cron"):
            (self.app / name).mkdir(parents=True)

    def write(self, name, text):
        path = self.app / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def database(self):
        """A model with a table `thing`."""
        self.write(
            "models/db.py",
            """
            db = DAL('sqlite://storage.sqlite')
            db.define_table('thing', Field('name'), Field('done', 'boolean', default=False))
            """,
        )

    def names(self):
        """The committed rows of `thing`."""
        import sqlite3

        connection = sqlite3.connect(self.app / "databases" / "storage.sqlite")
        try:
            return [row[0] for row in connection.execute("SELECT name FROM thing ORDER BY id")]
        finally:
            connection.close()


@pytest.fixture
def site(tmp_path):
    yield Site(tmp_path)
    current._begin()


@pytest.fixture
def run(site, capfd, monkeypatch):
    """Carry out a command line on the site; returns exit code, standard output and error."""
    import logging

    root = logging.getLogger()
    kept = root.handlers[:], root.level

    def call(*words, text=None):
        if text is not None:
            import io

            monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        capfd.readouterr()
        code = entry([*map(str, words)], None)
        found = capfd.readouterr()
        return types.SimpleNamespace(code=code, out=found.out, err=found.err)

    yield call
    root.handlers[:], root.level = kept


@pytest.fixture
def folder(site):
    """The option that names the site."""
    return "-f", str(site.root)
