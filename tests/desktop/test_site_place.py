"""What speaks against a place for the site folder: network, cloud, a full disk (UI-ST-08)."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from fakes import FakeSupervisor
from PySide6.QtWidgets import QWidget

from desktop.background import Tasks
from desktop.first_run import looking
from desktop.first_run.folder_step import FolderStep
from desktop.first_run.looking import Looking, check_new
from desktop.processes import checks, site_place
from desktop.processes.checks import folder_faults
from desktop.processes.site_place import free_bytes, place_warnings
from desktop.processes.state import Fault, Phase

LOCAL = [("/", "ext4", "rw"), ("/proc", "proc", "rw")]


def warnings(folder, mounts=LOCAL, environment=None):
    return place_warnings(Path(folder), lambda: mounts, environment or {})


@pytest.mark.parametrize("system", ["nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "NFS"])
def test_st_08_a_network_share_is_told_with_its_consequences(system):
    """ST-08: the innermost mount decides, and what lies beside it is local."""
    mounts = [*LOCAL, ("/srv", "ext4", "rw"), ("/srv/share", system, "rw")]
    (told,) = warnings("/srv/share/office/site", mounts)
    assert "on another computer" in told
    assert "SQLite" in told
    assert warnings("/srv/shared", mounts) == []
    assert warnings("/srv/share/local", [*mounts, ("/srv/share/local", "xfs", "rw")]) == []


def test_st_08_the_name_of_a_share_is_enough(monkeypatch):
    """ST-08: Windows names shares by their computer."""
    monkeypatch.setattr(site_place, "_real", lambda folder: folder)
    assert "on another computer" in warnings("//server/share/site")[0]


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/home/ann/Dropbox/site", "Dropbox"),
        ("/home/ann/Dropbox (Office)/site", "Dropbox"),
        ("/home/ann/OneDrive - Office/site", "OneDrive"),
        ("/Users/ann/Library/CloudStorage/GoogleDrive-ann/My Drive/site", "Google Drive"),
        ("/Users/ann/Library/Mobile Documents/com~apple~CloudDocs/site", "iCloud"),
        ("/home/ann/Nextcloud/site", "Nextcloud"),
    ],
)
def test_st_08_a_folder_in_a_cloud_is_told_with_its_consequences(path, service):
    """ST-08: by the names that the programs give their folders."""
    (told,) = warnings(path)
    assert f"kept in step by {service}" in told
    assert "bring old ones back" in told


def test_st_08_clouds_are_known_by_their_marks_too(tmp_path, monkeypatch):
    """ST-08: by files they keep, by variables, below the home folder; names that only resemble are none."""
    (tmp_path / "shared" / ".stfolder").mkdir(parents=True)
    (tmp_path / "shared" / "site").mkdir()
    assert "Syncthing" in warnings(tmp_path / "shared" / "site")[0]
    assert "OneDrive" in warnings(tmp_path / "x" / "site", environment={"OneDrive": str(tmp_path / "x")})[0]
    monkeypatch.setenv("HOME", str(tmp_path / "ann"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "ann"))
    assert "by Box" in warnings(tmp_path / "ann" / "Box" / "site")[0]
    for name in ("Box", "Dropboxes", "nextcloud-app", "OneDriveless"):
        assert warnings(tmp_path / "b" / name / "site") == []


def test_st_08_a_link_into_a_cloud_counts(tmp_path):
    """ST-08: where the files truly lie."""
    (tmp_path / "Dropbox" / "site").mkdir(parents=True)
    (tmp_path / "site").symlink_to(tmp_path / "Dropbox" / "site")
    assert "Dropbox" in warnings(tmp_path / "site")[0]


def test_st_08_a_nearly_full_disk_is_told_also_for_a_folder_still_to_be_made(tmp_path, monkeypatch):
    """ST-08: with the figure; a disk that can't be asked tells nothing."""
    assert free_bytes(tmp_path / "not" / "there") == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.2)
    free = SimpleNamespace(free=123_456_789)
    monkeypatch.setattr(site_place.shutil, "disk_usage", lambda _place: free)
    assert warnings(tmp_path)[0].startswith("Only 123 MB are free on this disk.")

    def refuse(_place):
        raise PermissionError("no")

    monkeypatch.setattr(site_place.shutil, "disk_usage", refuse)
    assert free_bytes(tmp_path) is None
    assert warnings(tmp_path) == []


def test_bad_input_mounts_that_cannot_be_read_warn_of_nothing(tmp_path):
    """ST-08"""

    def refuse():
        raise PermissionError("/proc is closed")

    assert place_warnings(tmp_path, refuse, {}) == []


def test_st_08_warnings_of_a_folder_that_can_be_used(tmp_path, monkeypatch):
    """ST-08: faults come alone; a folder that can be used gets warnings, which forbid nothing."""
    monkeypatch.setattr(checks, "place_warnings", lambda folder: [f"Think twice about {folder.name}."])
    (tmp_path / "site" / "applications").mkdir(parents=True)
    assert folder_faults(tmp_path / "site") == [Fault("site_folder", "Think twice about site.", warning=True)]
    assert [fault.warning for fault in folder_faults(tmp_path / "none")] == [False]


def test_st_08_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    """ST-08: a fault, with what needs it."""

    def refuse(**_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(checks.tempfile, "TemporaryFile", refuse)
    (tmp_path / "applications").mkdir()
    (fault,) = folder_faults(tmp_path)
    assert "Nothing can be written" in fault.sentence
    assert "Permission denied" in fault.sentence
    assert not fault.warning


def test_st_08_overview_and_settings_show_the_warning_without_refusing(desk_maker):
    """ST-08: as a hint below the field; the field is not marked wrong; another look takes it away."""
    ui = desk_maker(supervisor=FakeSupervisor(Phase.STOPPED))
    ui.card.fold.setChecked(True)
    row = ui.desk.settings.rows()["server.site_folder"]
    field = ui.overview.form.fields["site_folder"]
    told = [Fault("site_folder", "One.", warning=True), Fault("site_folder", "Two.", warning=True)]
    ui.supervisor.settings_checked.emit(told)
    for line in (field.fault, row.fault):
        assert line.words.text() == "One. Two."
        assert line.words.property("tone") == "hint"
    assert not ui.overview.form.folder.property("invalid")
    assert ui.overview.form.folder.accessibleDescription() == "One. Two."
    ui.supervisor.settings_checked.emit([*told, Fault("site_folder", "It does not exist.")])
    assert field.fault.words.text() == "It does not exist."
    assert ui.overview.form.folder.property("invalid") is True
    ui.supervisor.settings_checked.emit([])
    assert field.fault.words.text() == ""


def test_st_08_the_first_run_warns_of_a_new_folder_and_of_an_existing_one(
    qtbot, theme, tmp_path, monkeypatch
):
    """ST-06, ST-08: in either way; both can be used all the same."""
    monkeypatch.setattr(looking, "place_warnings", lambda folder: [f"Think of {folder.name}."])
    monkeypatch.setattr(checks, "place_warnings", lambda folder: [f"Think of {folder.name}."])
    assert check_new(tmp_path / "new").warning == "Think of new."
    assert check_new(Path("relative")).warning == ""
    (tmp_path / "old" / "applications").mkdir(parents=True)
    holder = QWidget()
    qtbot.addWidget(holder)
    tasks = Tasks(holder)
    step = FolderStep(theme, Looking(tasks, tmp_path / "data", holder), tmp_path / "new", holder)
    qtbot.waitUntil(lambda: step.new_fault.words.text() == "Think of new.")
    assert step.new_fault.words.property("tone") == "hint"
    assert step.site == tmp_path / "new"
    step.set_existing(tmp_path / "old")
    qtbot.waitUntil(lambda: step.fault.words.text() == "Think of old.")
    assert step.fault.words.property("tone") == "hint"
    qtbot.waitUntil(lambda: step.report is not None)
    assert step.site == tmp_path / "old"
    tasks.close()
