"""The documentation says what the program does."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from runtime.cli import main as command_line
from runtime.config import OPTIONS

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
            known = _flags_of(words if words and words[0] in GROUPS else words[:1]) if names else set()
            for name in names:
                assert name in known, f"{page.name}: {name}"


GROUPS = {"cron", "tickets", "routes", "sessions"}
"""Commands whose next word is a command too."""


def test_links_between_pages_lead_somewhere():
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
