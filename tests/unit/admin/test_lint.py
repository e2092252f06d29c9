"""CUR-04: reading `current` at import time is made visible."""

from __future__ import annotations

from runtime.admin.lint import lint_modules


def test_cur_04_early_reads_are_found(tmp_path):
    """CUR-04: at module and class level, not inside functions."""
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "bad.py").write_text(
        "from gluon import current\n"
        "request = current.request\n"
        "class A:\n    T = current.T\n"
        "def good():\n    return current.request\n"
        "late = lambda: current.session\n"
        "current.auth = 1\n"
    )
    (modules / "broken.py").write_text("def (")
    found = lint_modules(tmp_path)
    assert sorted((f.file.name, f.line) for f in found) == [("bad.py", 2), ("bad.py", 4)]
    assert any("current.T" in f.sentence for f in found)
