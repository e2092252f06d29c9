"""Git, plugins, notes, tests in a child, the picture of the tables, lines with errors."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from runtime.admin import git, test_runs
from runtime.admin.bin import contents
from runtime.admin.model_graph import edge_points, graph_of, to_svg
from runtime.admin.notes import find_notes, read_pages
from runtime.admin.packs import pack_files, packable
from runtime.admin.plugins import install_plugin, look_at_pack, plugins_of, remove_plugin
from runtime.admin.structure import Reader
from runtime.admin.ticket_lines import ErrorLine, present_line
from runtime.foundation.problems import UserError
from tests.processes import lives


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def run_git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, timeout=30, text=True
    )
    return done.stdout


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "site/applications/shop"
    write(folder / "controllers/default.py", "def index():\n    return 1\n")
    write(folder / "views/ü name.html", "x\n")
    run_git(folder, "init", "--quiet", "--initial-branch=main")
    run_git(folder, "config", "user.email", "dev@example.com")
    run_git(folder, "config", "user.name", "Dev")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=first")
    return folder


def test_ap_20_state_difference_commit(repository):
    """AP-20: branch, changed files with names as they are, difference, commit of the chosen ones only."""
    assert git.read_state(repository.parent) is None
    write(repository / "controllers/default.py", "def index():\n    return 2\n")
    write(repository / "views/ü name.html", "y\n")
    write(repository / "new file.txt", "n\n")
    state = git.read_state(repository)
    assert state.branch == "main"
    assert {(each.path, each.state) for each in state.changes} == {
        ("controllers/default.py", "M"), ("views/ü name.html", "M"), ("new file.txt", "?")}  # fmt: skip
    assert "+    return 2" in git.difference(repository, "controllers/default.py")
    assert git.difference(repository, "new file.txt", "?") == "n\n"
    with pytest.raises(git.GitError, match="what the changes are about"):
        git.commit(repository, ("new file.txt",), "  ")
    git.commit(repository, ("new file.txt", "views/ü name.html"), "Second\n\nWith more words")
    assert [each.path for each in git.read_state(repository).changes] == ["controllers/default.py"]
    assert run_git(repository, "log", "-1", "--format=%B").strip() == "Second\n\nWith more words"


def test_ap_20_pull_and_push_never_ask_for_a_password(repository, tmp_path):
    """AP-20: with the other side; an address that wants a password fails with a sentence, at once."""
    bare = tmp_path / "bare.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(bare))
    run_git(repository, "remote", "add", "origin", str(bare))
    run_git(repository, "fetch", "--quiet")
    run_git(repository, "branch", "--set-upstream-to=origin/main")
    write(repository / "a.txt", "a")
    git.commit(repository, ("a.txt",), "a")
    assert git.read_state(repository).ahead == 1
    git.push(repository)
    state = git.read_state(repository)
    assert (state.ahead, state.upstream) == (0, "origin/main")
    other = tmp_path / "other"
    run_git(tmp_path, "clone", "--quiet", str(bare), str(other))
    run_git(
        other,
        "-c",
        "user.email=o@example.com",
        "-c",
        "user.name=O",
        "commit",
        "--allow-empty",
        "--quiet",
        "--message=b",
    )
    run_git(other, "push", "--quiet")
    git.pull(repository)
    assert "b" in run_git(repository, "log", "-1", "--format=%s")
    said = git._said("push", "fatal: could not read Username for 'https://x': terminal prompts disabled")
    assert "needs a password, which is not asked for here" in said
    assert git._environment()["GIT_TERMINAL_PROMPT"] == "0"
    with pytest.raises(git.GitError, match="canceled"):
        git.run_git(repository, "-c", "alias.wait=!sleep 30", "wait", cancelled=lambda: True)


def test_ap_20_repositories_that_start_programs_are_not_looked_at(repository):
    """AP-20, journey 12: settings that came with a pack run nothing."""
    marker = repository.parent / "ran"
    run_git(repository, "config", "filter.x.clean", f"touch {marker}")
    write(repository / ".gitattributes", "*.py filter=x\n")
    write(repository / "controllers/default.py", "changed\n")
    state = git.read_state(repository)
    assert "name programs to start" in state.refused
    assert state.branch == "main"
    assert not marker.exists()


def test_ap_24_plugins_are_packed_installed_and_removed(tmp_path):
    """AP-24: other files in the pack are refused; replaced ones are in the bin."""
    site = tmp_path / "site"
    shop, lab = site / "applications/shop", site / "applications/lab"
    write(shop / "models/plugin_wiki.py", "a = 1\n")
    write(shop / "static/plugin_wiki/style.css", "b {}\n")
    write(shop / "models/db.py", "")
    write(lab / "models/plugin_wiki.py", "old\n")
    (plugin,) = plugins_of(Reader().read(shop))
    assert plugin.name == "wiki"
    assert plugin.files == ("models/plugin_wiki.py", "static/plugin_wiki/style.css")
    pack = tmp_path / "wiki.w2p"
    pack_files(shop, plugin.files, pack)
    assert look_at_pack(pack)[0] == "wiki"
    assert install_plugin(site, lab, pack) == "wiki"
    assert (lab / "models/plugin_wiki.py").read_text() == "a = 1\n"
    assert [each.path for each in contents(site)] == ["applications/lab/models/plugin_wiki.py"]
    remove_plugin(site, shop, plugin)
    assert not (shop / "models/plugin_wiki.py").exists()
    wrong = tmp_path / "wrong.w2p"
    pack_files(shop, ["models/db.py"], wrong)
    assert [entry.path for entry in packable(lab)] == [
        "models/plugin_wiki.py", "static/plugin_wiki/style.css"]  # fmt: skip
    with pytest.raises(UserError, match="choose the files"):
        pack_files(lab, [], wrong)
    with pytest.raises(UserError, match="holds no plugin"):
        install_plugin(site, lab, wrong)


def test_ap_23_pages_and_todo_list(tmp_path):
    """AP-23"""
    write(tmp_path / "ABOUT", "A shop\n")
    write(tmp_path / "LICENSE", "")
    write(tmp_path / "README.md", "# Shop\n")
    write(tmp_path / "modules/a.py", "x = 1  # TODO: taxes\nMASTODON = 1\n")
    write(tmp_path / "static/x.min.js", "// TODO")
    assert [(page.name, page.markdown) for page in read_pages(tmp_path)] == [
        ("ABOUT", False),
        ("README.md", True),
    ]
    assert [(note.line, note.text) for note in find_notes(tmp_path)] == [(1, "TODO: taxes")]


def test_ap_19_tests_run_in_a_child(tmp_path):
    """AP-19: results one by one with the line that failed; cancel ends the child."""
    site = tmp_path
    shop = site / "applications/shop"
    write(
        shop / "controllers/default.py",
        'def index():\n    """\n    >>> index()\n    2\n    """\n    return 1\n',
    )
    write(
        shop / "tests/test_a.py",
        "def test_good():\n    assert True\ndef test_bad():\n    assert 1 == 2, 'no'\n",
    )
    results = {result.name: result for result in test_runs.run(site, "shop")}
    assert results["tests/test_a.py:test_good"].passed
    bad = results["tests/test_a.py:test_bad"]
    assert not bad.passed
    assert "no" in bad.output
    assert (bad.path, bad.line) == ("tests/test_a.py", 4)
    assert any("index" in name and not result.passed for name, result in results.items())
    with pytest.raises(UserError, match="no application"):
        list(test_runs.run(site, "gone"))
    write(shop / "tests/test_a.py", "import time\ntime.sleep(60)\n")
    began = time.monotonic()
    with pytest.raises(UserError, match="canceled"):
        list(test_runs.run(site, "shop", lambda: time.monotonic() - began > 1))
    assert time.monotonic() - began < 20


_PARENT = """
import sys
from pathlib import Path
from runtime.admin.test_runs import run

list(run(Path(sys.argv[1]), "shop"))
"""
_TEST = """
import os, subprocess, sys, time
from pathlib import Path

def test_long():
    assert sys.stdin.read() == ""
    started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    Path({told!r}).write_text("%s %s" % (os.getpid(), started.pid))
    Path({told!r}).rename({told!r} + ".whole")
    while True:
        pass
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a killed parent leaves no group there")
def test_ap_19_a_child_ends_when_who_runs_it_is_killed(tmp_path):
    """AP-19: nothing of a run lives on, whatever the tests do and have started."""
    told = tmp_path / "pids"
    write(tmp_path / "applications/shop/tests/test_a.py", _TEST.format(told=str(told)))
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, str(tmp_path)])
    pids = []
    try:
        whole = told.with_name("pids.whole")
        _until(whole.exists)
        pids = [int(pid) for pid in whole.read_text().split()]
        assert all(map(lives, pids))
        parent.kill()
        parent.wait()
        _until(lambda: not any(map(lives, pids)))
    finally:
        parent.kill()
        parent.wait()
        for pid in filter(lives, pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_ap_26_tables_are_laid_out_and_exported(tmp_path):
    """AP-26: no boxes over each other, edges end at their tables, circles and self references."""
    names = [f"t{at}" for at in range(30)]
    lines = [f"db.define_table('{name}', Field('a<b'), Field('r', 'reference t{(at * 7) % 30}'), Field('s', 'list:reference {name}'))"
             for at, name in enumerate(names)]  # fmt: skip
    write(
        tmp_path / "models/db.py",
        "\n".join([*lines, "db.define_table('alone', Field('x', 'reference gone'))"]),
    )
    graph = graph_of(Reader().read(tmp_path))
    assert len(graph.boxes) == 32  # with the one that is defined nowhere in the models
    assert (graph.boxes["gone"].path, graph.boxes["gone"].fields) == ("", ("made elsewhere",))
    assert graph.boxes["gone"].left < graph.boxes["alone"].left
    assert len(graph.edges) == 61
    boxes = list(graph.boxes.values())
    for at, one in enumerate(boxes):
        assert one.left + one.width <= graph.width
        assert one.top + one.height <= graph.height
        for other in boxes[at + 1 :]:
            apart = (one.left + one.width <= other.left or other.left + other.width <= one.left
                     or one.top + one.height <= other.top or other.top + other.height <= one.top)  # fmt: skip
            assert apart, (one.name, other.name)
    for edge in graph.edges:
        (_, y1), (x2, _) = edge_points(graph, edge)
        source, target = graph.boxes[edge.source], graph.boxes[edge.target]
        assert source.top <= y1 <= source.top + source.height
        assert x2 == target.left + target.width
    colors = dict.fromkeys(("ground", "box", "head", "edge", "text", "quiet", "line"), "#000000")
    svg = ElementTree.fromstring(to_svg(graph, colors))
    assert len([each for each in svg.iter() if each.tag.endswith("path")]) == 61
    assert graph_of(Reader().read(tmp_path / "empty")).boxes == {}


def test_ap_15_lines_with_errors_follow_their_text():
    """AP-15: the line is looked for near where it was; one that was mended has no mark."""
    lines = ["a", "b", "return 1 / 0", "c"]
    error = ErrorLine(1, "    return 1 / 0", 3, 0.0, "t")
    assert present_line(error, lines) == 3
    assert present_line(ErrorLine(3, "return 1 / 1", 3, 0.0, "t"), lines) is None
    assert present_line(ErrorLine(4, "", 1, 0.0, "t"), lines) == 4
    assert present_line(ErrorLine(9, "", 1, 0.0, "t"), lines) is None


def test_git_is_missing(monkeypatch, tmp_path):
    """Bad input: a computer without git."""
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(git.GitError, match="not installed"):
        git.run_git(tmp_path, "status")
