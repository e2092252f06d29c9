"""`hadron languages scan|stats|export|import` (T-20, TR-01, TR-07, TR-18)."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.cli import main
from runtime.i18n import read_dict


@pytest.fixture
def site(tmp_path: Path) -> Path:
    app = tmp_path / "applications" / "shop"
    for folder in ("controllers", "languages"):
        (app / folder).mkdir(parents=True)
    (app / "controllers" / "default.py").write_text("T('Save')\nT('Open file')\nT('Hi %s' % x)\n")
    (app / "languages" / "it.py").write_text("{'Save': 'Salva', 'Open files': 'Apri'}")
    return tmp_path


def hadron(site: Path, *arguments: object) -> int:
    return main(["languages", *map(str, arguments), "-f", str(site)])


def test_t_20_scan_shows_and_writes_only_when_told(site, capsys):
    """T-20, TR-07: the difference first."""
    file = site / "applications/shop/languages/it.py"
    before = file.read_bytes()
    assert hadron(site, "scan", "shop") == 0
    out = capsys.readouterr().out
    assert "it: 1 new, 1 unused, 1 near matches" in out
    assert "+ 'Open file'" in out
    assert "controllers/default.py:3" in out
    assert file.read_bytes() == before
    assert hadron(site, "scan", "shop", "--write", "--remove-unused") == 0
    assert read_dict(file) == {"Save": "Salva", "Open file": "Open file"}


def test_tr_01_stats(site, capsys):
    (site / "applications/shop/languages/fr.py").write_text("{broken")
    assert hadron(site, "stats", "shop") == 1
    out = capsys.readouterr().out
    assert "fr" in out
    assert "cannot be read" in out
    assert any(line.split()[:5] == ["it", "100%", "2", "0", "1"] for line in out.splitlines())


def test_tr_18_export_and_import(site, tmp_path, capsys):
    """TR-18: import shows first; `--write` takes it."""
    target = tmp_path / "it.po"
    assert hadron(site, "export", "shop", "it", target) == 0
    assert "controllers/default.py:1" in target.read_text()
    target.write_text(target.read_text().replace('"Salva"', '"Conserva"'))
    assert hadron(site, "import", "shop", target) == 0
    out = capsys.readouterr().out
    assert "changed: 'Save': 'Salva' -> 'Conserva'" in out
    assert "nothing was written" in out
    file = site / "applications/shop/languages/it.py"
    assert read_dict(file)["Save"] == "Salva"
    assert hadron(site, "import", "shop", target, "--write") == 0
    assert read_dict(file)["Save"] == "Conserva"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "usage: hadron languages"),
        (["scan"], "usage: hadron languages"),
        (["sing", "shop"], "usage: hadron languages"),
        (["stats", "shop", "--write"], "usage: hadron languages"),
        (["stats", "none"], "there is no application none"),
        (["export", "shop", "xx", "x.po"], "no language file"),
        (["export", "shop", "it", "x.odt"], "the ending tells the format"),
        (["export", "shop", "it", "/nowhere/x.po"], "cannot be written"),
        (["import", "shop", "none.po"], "none.po cannot be read"),
    ],
)
def test_mistakes_are_told(site, capsys, arguments, message):
    assert hadron(site, *arguments) == 2
    assert message in capsys.readouterr().err


def test_help(capsys):
    assert main(["languages", "--help"]) == 0
    assert "languages import APP FILE" in capsys.readouterr().out
    main(["--help"])
    assert "languages scan|stats|..." in capsys.readouterr().out
