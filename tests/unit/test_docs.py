"""The documentation says what the program does."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from runtime.cli import main as command_line
from runtime.cli.commands import SUBCOMMANDS
from runtime.cli.documentation import page as command_line_page
from runtime.config import OPTIONS

GROUPS = {"cron", "db", "tickets", "routes", "sessions", "diff", "apply"}
"""Commands whose next word is a command too, and the second words of others."""

ROOT = Path(__file__).resolve().parents[2]
DEPLOYMENT = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "groups"),
    [
        ("/app/static/css/a.css", ("app", "css/a.css")),
        ("/app/static/_1.2.3/css/a.css", ("app", "css/a.css")),
        ("/app/static/_1.2/css/a.css", ("app", "_1.2/css/a.css")),
        ("/app/default/static/x", None),
        ("/static/x", None),
    ],
)
def test_static_07_expression(path, groups):
    """STATIC-07, AMB-23: one expression in all snippets, with and without a version."""
    found = set(re.findall(r"\^/\(\[\^/\]\+\)/static/\S*\$", DEPLOYMENT))
    assert len(found) == 1
    match = re.match(found.pop(), path)
    assert (match.groups() if match else None) == groups


def test_rewr_07_internal_addresses_are_not_written_by_hand():
    """REWR-07: the page on front servers says that rewriting needs `URL` and `routes_out`."""
    section = DEPLOYMENT.partition("## Addresses")[2].partition("##")[0]
    assert "URL(...)" in section
    assert "routes_out" in section


FLAG = r"(?<![\w-])(--?[a-zA-Z][\w-]*)"


def _flags_of(words: list[str]) -> set[str]:
    """The options that `hadron WORDS --help` names; those of the program itself for a plain command line."""
    if not words or words[0] == "serve":
        flags = {flag for option in OPTIONS for flag in option.flags}
        return flags | {"-h", "--help", "--version"}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert command_line([*words, "--help"]) == 0, words
    return set(re.findall(FLAG, said.getvalue()))


def test_options_named_in_the_documentation_exist():
    """LOCK-10: an option that a page names is one that the program, or its command, knows."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    for page in pages:
        for line in page.read_text(encoding="utf-8").splitlines():
            command = re.match(r"\s{4}hadron\b(.*)", line)
            if command is None:
                continue
            text = command[1].split("#")[0]
            names = re.findall(r"(?<!\S)(--?[a-zA-Z][\w-]*)", text)
            words = re.match(r"(?: [a-z]+)*", text)[0].split()
            known = _flags_of(words[:2] if set(words[:2]) & GROUPS else words[:1]) if names else set()
            for name in names:
                assert name in known, f"{page.name}: {name}"


def test_links_between_pages_lead_somewhere():
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def _page(name: str) -> str:
    return " ".join((ROOT / "docs" / name).read_text(encoding="utf-8").split())


def test_cli_02_the_page_of_the_command_line_is_that_of_the_tables():
    """CLI-02: docs/command-line.md is what `python -m runtime.cli.documentation` prints."""
    assert (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8") == command_line_page()


@pytest.mark.parametrize(
    ("row", "page", "sentences"),
    [
        (
            "FLOW-15",
            "guide.md",
            ["Long work belongs to the scheduler", "start no threads and fork no processes"],
        ),
        ("EXEC-4", "guide.md", ["lets that code change them"]),
        ("EXEC-6", "guide.md", ["neither a redirect nor a remote call"]),
        ("MOD-5", "guide.md", ["`pip install`", "site-packages"]),
        ("TASKQ-04", "guide.md", ["must exist once", "`@reboot`"]),
        ("WSGI-6", "deployment.md", ["can not replace what happens inside", "not every middleware works"]),
        ("SITE-06", "scripts.md", ["`make bundle`"]),
        ("SITE-07", "deployment.md", ["Google App Engine"]),
        ("BG-01", "cron.md", ["the scheduler (recommended)", "clockwork", "`hadron run APP FILE`"]),
        ("CRON-17", "cron.md", ["`hadron -J -C -D 1 -f SITE`"]),
        ("CRON-18", "cron.md", ["Cron is off unless it is asked for"]),
    ],
)
def test_what_the_documentation_has_to_say(row, page, sentences):
    """FLOW-15, EXEC-4, EXEC-6, MOD-5, TASKQ-04, WSGI-6, SITE-06, SITE-07, BG-01, CRON-17, CRON-18"""
    for sentence in sentences:
        assert sentence in _page(page), row


@pytest.mark.parametrize(
    "script",
    ["sessions2trash", "sync_languages", "tickets2db", "tickets2email", "extract_mysql_models", "extract_pgsql_models",
     "cpdb", "access.wsgi", "make_min_web2py", "update-web2py", "setup-web2py-"],
)  # fmt: skip
def test_site_04_each_script_has_a_command_or_a_reason(script):
    """SITE-04: and the command is one that the program has."""
    (line,) = [
        line
        for line in (ROOT / "docs" / "scripts.md").read_text(encoding="utf-8").splitlines()
        if f"`{script}" in line
    ]
    today = line.split("|")[2]
    commands = re.findall(r"`hadron ([a-z]+)", today)
    assert commands or "left out" in today or "deployment.md" in today
    assert set(commands) <= set(SUBCOMMANDS)


def test_cron_22_nothing_of_cron_forks():
    """CRON-22: it works where there is no fork."""
    for path in (ROOT / "runtime" / "cron").glob("*.py"):
        assert "fork" not in path.read_text(encoding="utf-8")
