"""The interactive shell: -S, -M, -P, -B, `hadron shell`."""

import os
import pty
import subprocess
import sys
import types

import pytest

from runtime.cli import shell


@pytest.fixture
def plain_only(monkeypatch):
    """Neither IPython nor bpython is installed."""
    monkeypatch.setitem(sys.modules, "IPython", None)
    monkeypatch.setitem(sys.modules, "bpython", None)


def test_cli_26_29_the_shell_runs_in_the_application(site, run, folder):
    """CLI-26, CLI-29, CLI-30: `-S myapp -M -P`, `request.application`; models only with -M."""
    site.database()
    found = run(*folder, "-S", "myapp", "-M", "-P", text="print(request.application, 'db' in globals())\n")
    assert found.code == 0
    assert "myapp True" in found.out
    assert ">>>" in found.out
    assert (
        "myapp False"
        in run(*folder, "-S", "myapp", "-P", text="print(request.application, 'db' in globals())\n").out
    )


def test_cli_27_controller_and_function(site, run, folder):
    """CLI-27: functions of the controller can be called; `request` names controller and function."""
    site.write("controllers/default.py", "def index():\n    return dict(answer=42)\n")
    text = "print(index()['answer'], request.controller, request.function)\n"
    assert "42 default index" in run(*folder, "-S", "myapp/default/index", "-P", text=text).out


def test_cli_26_a_missing_application_is_created(site, run, folder):
    """CLI-26: from the scaffolding, without a terminal without asking."""
    found = run(*folder, "-S", "newapp", "-P", text="print(request.application)\n")
    assert found.code == 0
    assert (site.root / "applications" / "newapp" / "controllers" / "default.py").is_file()
    assert "Application newapp was created" in found.out


@pytest.mark.parametrize(("answer", "made"), [("y", True), ("", False), ("n", False)])
def test_cli_26_a_person_is_asked_first(site, run, folder, monkeypatch, answer, made):
    """CLI-26: at a terminal."""
    monkeypatch.setattr("builtins.input", lambda prompt: answer if "newapp" in prompt else "exit()")
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(isatty=lambda: True, close=lambda: None))
    monkeypatch.setattr(shell, "plain", lambda names, banner: print(names["request"].application))
    found = run(*folder, "-S", "newapp", "-P")
    assert (site.root / "applications" / "newapp").exists() is made
    assert found.code == (0 if made else 2)


def test_cli_28_bpython_and_what_stands_in_for_it(site, run, folder, plain_only, monkeypatch):
    """CLI-28: bpython when installed, else the plain shell with a notice."""
    found = run(*folder, "-S", "myapp", "-B", text="print(6 * 7)\n")
    assert "42" in found.out
    assert "bpython is not installed" in found.err
    seen = []
    fake = types.SimpleNamespace(embed=lambda locals_, banner: seen.append(locals_["request"].application))
    monkeypatch.setitem(sys.modules, "bpython", fake)
    assert run(*folder, "-S", "myapp", "-B").code == 0
    assert seen == ["myapp"]


def test_cli_26_ipython_when_installed(site, run, folder, monkeypatch):
    """CLI-26"""
    seen = []

    def start_ipython(argv, user_ns):
        seen.append(user_ns["request"].application)

    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(start_ipython=start_ipython))
    assert run(*folder, "-S", "myapp").code == 0
    assert seen == ["myapp"]
    run(*folder, "-S", "myapp", "-P", text="")
    assert seen == ["myapp"]


def test_taskq_06_the_shell_rolls_back_what_was_not_committed(site, run, folder, plain_only):
    """TASKQ-06, CLI-30"""
    site.database()
    text = "x = db.thing.insert(name='kept'); db.commit()\ny = db.thing.insert(name='lost')\n"
    assert run("shell", *folder, "myapp", text=text).code == 0
    assert site.names() == ["kept"]


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals of this kind")
def test_cli_29_the_plain_shell_at_a_terminal(site):
    """CLI-29: the prompt is `>>>`, Ctrl+D leaves."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "desktop.launch", "-f", str(site.root), "-S", "myapp", "-P"]
    process = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, close_fds=True)
    os.close(follower)
    try:
        os.write(leader, b"print(request.application + '!')\n")
        seen = b""
        while b"myapp!" not in seen:
            seen += os.read(leader, 4096)
        assert b">>>" in seen
        while not seen.endswith(b">>> "):
            seen += os.read(leader, 4096)
        os.write(leader, b"\x04")
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(leader)
