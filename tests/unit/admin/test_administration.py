"""The administration over the web in a site: installed, renewed, left alone (ADMIN-08, ADMIN-09)."""

from __future__ import annotations

import pytest

from runtime.admin import site as sites
from runtime.cli.administration import run_command


def test_a_new_site_has_it_an_existing_one_does_not(tmp_path):
    """ADMIN-09: optional; nothing is written into an existing site unasked."""
    new = sites.prepare(tmp_path / "new", create=True).folder
    assert (new / "applications/admin/controllers/default.py").is_file()
    old = tmp_path / "old"
    (old / "applications/shop/controllers").mkdir(parents=True)
    sites.prepare(old)
    assert not (old / "applications/admin").exists()


def test_an_upgrade_renews_code_and_keeps_what_belongs_to_the_site(tmp_path, monkeypatch):
    site = sites.prepare(tmp_path / "new", create=True).folder
    admin = site / "applications/admin"
    (admin / "controllers/default.py").write_text("changed")
    (admin / "controllers/gone.py").write_text("of an earlier version")
    (admin / "sessions/kept").write_text("s")
    sites.prepare(site)
    assert (admin / "controllers/default.py").read_text() == "changed"
    monkeypatch.setattr(sites, "build_version", lambda: "99.0.0+timestamp")
    sites.prepare(site)
    assert "def index" in (admin / "controllers/default.py").read_text()
    assert not (admin / "controllers/gone.py").exists()
    assert (admin / "sessions/kept").read_text() == "s"


def test_hadron_admin(tmp_path, capsys):
    (tmp_path / "applications/shop/controllers").mkdir(parents=True)
    assert run_command(["-f", str(tmp_path)]) == 0
    assert "was put into the site" in capsys.readouterr().out
    assert run_command(["-f", str(tmp_path)]) == 0
    assert "up to date" in capsys.readouterr().out


def test_another_application_of_that_name_is_left_alone(tmp_path, capsys):
    other = tmp_path / "applications/admin/controllers"
    other.mkdir(parents=True)
    (other / "default.py").write_text("old framework's")
    assert run_command(["-f", str(tmp_path)]) == 1
    assert (other / "default.py").read_text() == "old framework's"
    assert "left alone" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--nothing"], ["x"]])
def test_wrong_arguments(arguments):
    from runtime.foundation.problems import UserError

    with pytest.raises(UserError):
        run_command(arguments)
