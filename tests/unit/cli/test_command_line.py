"""The command line: parsing, help, roles; the entry point and the supervisor's command."""

import contextlib
import json
import os
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

from runtime.cli import main as entry
from runtime.cli import parser
from runtime.config import OPTIONS, Address, build_config
from runtime.server import command

main_module = sys.modules["runtime.cli.main"]
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def roles(monkeypatch):
    """Record what would be started instead of starting it."""
    started = types.SimpleNamespace(served=[], windows=[])

    def serve(options):
        started.served.append(options)
        return 0

    def window(options):
        started.windows.append(options)
        return 0

    monkeypatch.setattr(main_module, "_serve", serve)
    monkeypatch.setenv("DISPLAY", ":0")
    started.run = lambda *argv: entry(argv, window)
    return started


def test_cli_01_version(roles, capsys):
    """CLI-01: one line, exit 0, nothing started; whatever else is given."""
    assert roles.run("--version", "-p", "99999") == 0
    assert re.fullmatch(r"Hadron \d+\.\d+\.\d+\S*\n", capsys.readouterr().out)
    assert not roles.served
    assert not roles.windows


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_cli_02_help_names_every_option(roles, capsys, flag):
    """CLI-02"""
    assert roles.run(flag) == 0
    text = capsys.readouterr().out
    for option in OPTIONS:
        assert f"--{option.long}" in text
        assert not option.short or f"-{option.short}," in text
    assert max(map(len, text.splitlines())) <= 100


def test_desk_07_roles(roles):
    """DESK-07, CLI-46, CLI-52: -a and --nogui mean no window; `serve` too."""
    roles.run("-a", "x")
    roles.run("--nogui")
    roles.run("serve", "-p", "8123")
    assert len(roles.served) == 3
    assert not roles.windows
    roles.run("-p", "8123")
    (options,) = roles.windows
    assert options.config.interfaces == (Address("127.0.0.1", 8123),)
    assert options.given == {"port"}


def test_cli_52_the_options_file_fills_the_window_too(roles, tmp_path):
    """CLI-43, CLI-52"""
    (tmp_path / "o.py").write_text("port = 8100\n")
    roles.run("-L", str(tmp_path / "o.py"))
    assert roles.windows[0].config.interfaces[0].port == 8100
    assert "port" in roles.windows[0].given


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="always has a display")
def test_cli_46_without_a_display_it_says_so_and_serves(roles, monkeypatch, capsys):
    """CLI-46"""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    roles.run()
    assert len(roles.served) == 1
    assert capsys.readouterr().out.count("\n") == 1


def test_desk_09_the_window_runs_the_workers_itself(roles, monkeypatch):
    """DESK-09, CLI-36: with a window -K -X start no team beside it; without one they do."""
    teams = []

    def beside(config, text):
        teams.append(text)
        return contextlib.nullcontext()

    monkeypatch.setattr("runtime.cli.workers.beside", beside)
    roles.run("-K", "shop:high,lab", "-X")
    assert roles.windows[0].workers == "shop:high,lab"
    assert not teams
    roles.run("-K", "shop", "-X", "--nogui")
    assert teams == ["shop"]
    assert len(roles.served) == 1


def test_cli_45_taskbar_reaches_the_window(roles):
    """CLI-45"""
    roles.run("-t")
    assert roles.windows[0].taskbar


def test_short_flags_may_be_joined_and_long_forms_take_both_signs(roles):
    """CLI-01..: `-Qt`, `--port=1`, `--port 1`."""
    roles.run("-tQ", "--port", "8001", "--server-name=x")
    config = roles.windows[0].config
    assert roles.windows[0].taskbar
    assert config.quiet
    assert config.interfaces[0].port == 8001
    assert config.server_name == "x"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--prot=1"], "--prot"),
        (["-p"], "-p"),
        (["-p", "99999"], "99999"),
        (["--por=1"], "--por"),
        (["fly"], "fly"),
        (["-c", "cert.pem"], "-k"),
        (["--interfaces=127.0.0.1:x"], "'x'"),
        (["-X"], "-K"),
        (["-K", "a b"], "'a b'"),
        (["worker"], "hadron worker APP"),
        (["-S", "welcome", "-A", "-x", "--y"], "-R"),
        (["-R", "x.py"], "-S"),
        (["-M"], "-S"),
        (["-v"], "-T"),
        (["-S", "a b"], "'a b'"),
        (["-T", "x", "-S", "y"], "exclude"),
        (["-Y", "--softcron"], "exclude"),
        (["cron", "fly"], "hadron cron --help"),
        (["run", "welcome"], "hadron run --help"),
        (["-W", "install"], "NSSM"),
        (["routes"], "routes --help"),
        (["-L", "/nonexistent.py"], "/nonexistent.py"),
    ],
)
def test_wrong_command_lines_get_one_clear_sentence(roles, capsys, argv, words):
    """CLI-09, CLI-10, CLI-33, CLI-48, CLI-51: exit 2, one line, nothing started."""
    assert roles.run(*argv) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
    assert error.startswith("hadron: ")
    assert not roles.served
    assert not roles.windows


def test_a_supervisor_is_told_of_wrong_options_in_its_own_language(roles, capsys):
    """The supervisor reads events on standard output."""
    assert roles.run("serve", "--supervised", "-p", "99999") == 2
    event = json.loads(capsys.readouterr().out)
    assert event["event"] == "failed"
    assert "99999" in event["message"]


@pytest.mark.parametrize(("argv", "words"), [(["-n", "4"], "--maxthreads"), (["-N"], "-Y")])
def test_cli_14_cli_50_old_options_work_with_one_notice(roles, capsys, argv, words):
    """CLI-14, CLI-50"""
    assert roles.run(*argv) == 0
    assert capsys.readouterr().err.count(words) == 1
    assert len(roles.windows) == 1
    assert roles.windows[0].config.threads == (4 if argv[0] == "-n" else 8)


def test_cli_32_args_takes_everything_behind_it():
    """CLI-32"""
    assert parser.parse(["-S", "a", "-A", "-p", "x", "--help"])["args"] == ["-p", "x", "--help"]


def test_cli_54_an_old_interpreter_is_refused(roles, monkeypatch, capsys):
    """CLI-54"""
    monkeypatch.setattr(main_module, "OLDEST_PYTHON", (99, 0))
    assert roles.run("--version") == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_routes_try_tells_the_way_of_an_address(roles, capsys, tmp_path):
    """REWR-06, DESK-17: `hadron routes try URL`, with method, host and client; refused ones exit with 1."""
    (tmp_path / "applications" / "shop" / "controllers").mkdir(parents=True)
    (tmp_path / "routes.py").write_text("routes_in = [('.*:http://a.com:post /x', '/shop/default/buy')]")
    folder = ("-f", str(tmp_path))
    assert roles.run("routes", "try", "/shop/cart/show/7?p=2", *folder) == 0
    assert "action show of controller cart in shop" in capsys.readouterr().out
    assert roles.run("routes", "try", "/x", "--method", "POST", "--host", "a.com", "--json", *folder) == 0
    assert json.loads(capsys.readouterr().out)["function"] == "buy"
    assert roles.run("routes", "try", "/../etc/passwd", *folder) == 1
    assert "400" in capsys.readouterr().out


def test_the_supervisors_command_says_the_same_options(monkeypatch, tmp_path):
    """What the desktop starts parses to the configuration it meant; never with the password."""
    config = build_config(
        {"folder": str(tmp_path), "interfaces": "127.0.0.1:8000;[::1]:8001", "maxthreads": "3",
         "password": "secret", "timeout": "2.5", "log_filename": "a.log", "pid_filename": "p",
         "production": True}
    )  # fmt: skip
    line = command.serve_command(config)
    assert "secret" not in " ".join(line)
    arguments = line[line.index("serve") + 1 :]
    found = parser.make_options(parser.parse(arguments), print)
    assert found.supervised
    assert found.config == build_config(
        {
            "folder": str(tmp_path),
            "interfaces": "127.0.0.1:8000;[::1]:8001",
            "maxthreads": "3",
            "timeout": "2.5",
            "log_filename": "a.log",
            "pid_filename": "p",
            "production": True,
        }
    )


def test_a_frozen_program_starts_itself_and_gives_libraries_back(monkeypatch):
    """Bundle: the child is the executable; other programs get the user's library path."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert command.serve_command(build_config())[:2] == [sys.executable, "serve"]
    environment = {"LD_LIBRARY_PATH": "/bundle", "LD_LIBRARY_PATH_ORIG": "/mine", "DYLD_LIBRARY_PATH": "/b"}
    assert command.child_environment(environment) == {"LD_LIBRARY_PATH": "/mine"}
    monkeypatch.delattr(sys, "frozen")
    assert command.child_environment(environment) == environment


@pytest.mark.parametrize("argv", [["--version"], ["--help"], ["-p", "99999", "--nogui"]])
def test_the_entry_point_answers_without_qt(argv):
    """CLI-01, CLI-46: `hadron` imports Qt only for the window."""
    code = (
        "import sys; sys.modules['PySide6'] = None\n"
        "from desktop.launch import main; code = main()\n"
        "assert 'waitress' not in sys.modules\n"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *argv], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        env={k: v for k, v in os.environ.items() if k != "DISPLAY"},
    )  # fmt: skip
    assert done.returncode == (2 if "99999" in argv else 0), done.stderr
    assert "Traceback" not in done.stderr


def test_sh_07_open_reaches_the_window_with_its_site(roles, tmp_path, monkeypatch):
    """SH-07: a name as it is; a path whole, with the site it lies in, unless `-f` names another."""
    folder = tmp_path / "site" / "applications" / "shop"
    folder.mkdir(parents=True)
    (folder / "db.py").write_text("")
    monkeypatch.chdir(folder)
    assert roles.run("open", "shop") == 0
    assert roles.run("open", "db.py:3", "-p", "8100") == 0
    assert roles.run("open", ".", "-f", str(tmp_path)) == 0
    assert roles.run(str(folder)) == 0
    assert roles.run("open", "shop/127.0.0.1.2026-01-01.10-00-00.0d2b2e2c") == 0
    by_name, by_file, with_folder, double_clicked, ticket = roles.windows
    assert ticket.open == "shop/127.0.0.1.2026-01-01.10-00-00.0d2b2e2c"
    assert (by_name.open, "folder" in by_name.given) == ("shop", False)
    assert by_file.open == str(folder / "db.py:3")
    assert by_file.config.folder == tmp_path / "site"
    assert by_file.config.interfaces[0].port == 8100
    assert with_folder.config.folder == tmp_path
    assert (double_clicked.open, double_clicked.config.folder) == (str(folder), tmp_path / "site")


def test_sh_07_open_says_what_is_missing(roles, capsys, monkeypatch):
    """SH-07: an argument, or a display; `--help` tells what may stand there."""
    assert roles.run("open") == 2
    assert "the name of an application" in capsys.readouterr().err
    assert roles.run("open", "--help") == 0
    assert "the number of a ticket" in capsys.readouterr().out
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert roles.run("open", "shop") == 2
    assert "no display" in capsys.readouterr().err
    assert not roles.windows
