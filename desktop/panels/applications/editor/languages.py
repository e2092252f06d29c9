"""Colours of lines by language, without Qt.

Whole files are never lexed. A light scan gives each line the state it begins in (within a
string of several lines, a comment, a script ...); Pygments then colours the lines that are
seen, from that state on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from desktop.widgets.code_colors import color_of

Span = tuple[int, int, str]
"""Start and length within a line, and the name of the colour."""

IN_TAG = 8  # flag on the state of a view: between {{ and }}
LONGEST = 2_000  # letters of a line that are coloured; minified files have one line


@dataclass(frozen=True)
class Rules:
    """How a language goes over the ends of lines.

    Attributes:
        starts: what is looked for outside of everything.
        opens: beginning of a region (in lower case) to its state.
        closes: state to what ends it.
        before: state to the text that brings the lexer there.
        after: state to the text that lets the lexer end there.
    """

    starts: re.Pattern[str]
    opens: dict[str, int] = field(default_factory=dict)
    closes: dict[int, re.Pattern[str]] = field(default_factory=dict)
    before: dict[int, str] = field(default_factory=dict)
    after: dict[int, str] = field(default_factory=dict)

    def next_state(self, state: int, line: str) -> int:
        """Return the state after a line that begins in `state`."""
        at = 0
        while True:
            if state:
                found = self.closes[state].search(line, at)
                if found is None:
                    return state
                at = found.end()
                if not found[0].startswith("\\"):
                    state = 0
            else:
                found = self.starts.search(line, at)
                if found is None:
                    return 0
                at = found.end()
                state = self.opens.get(found[0], 0)


_STRINGS = r"'(?:\\.|[^'\\])*'?|\"(?:\\.|[^\"\\])*\"?"
PYTHON = Rules(
    re.compile(rf"#.*|'''|\"\"\"|{_STRINGS}"),
    {"'''": 1, '"""': 2},
    {1: re.compile(r"\\.|'''"), 2: re.compile(r'\\.|"""')},
    {1: "'''\n", 2: '"""\n'},
)
CSS = Rules(re.compile(rf"/\*|{_STRINGS}"), {"/*": 1}, {1: re.compile(r"\*/")}, {1: "/*\n"}, {1: "*/"})
SCRIPT = Rules(
    re.compile(rf"//.*|/\*|`|{_STRINGS}"),
    {"/*": 1, "`": 2},
    {1: re.compile(r"\*/"), 2: re.compile(r"\\.|`")},
    {1: "/*\n", 2: "`\n"},
    {1: "*/", 2: "`"},
)
SQL = Rules(
    re.compile(r"--.*|/\*|'"), {"/*": 1, "'": 2}, {1: re.compile(r"\*/"), 2: re.compile("'")},
    {1: "/*\n", 2: "'\n"}, {1: "*/", 2: "'"},
)  # fmt: skip
MARKDOWN = Rules(re.compile(r"^```"), {"```": 1}, {1: re.compile(r"^```")}, {1: "```\n"}, {1: "\n```"})
PLAIN = Rules(re.compile(r"(?!)"))


class ViewRules(Rules):
    """Views: HTML with scripts and styles, and Python between {{ and }} anywhere in them."""

    _base = (
        re.compile(r"<!--|<script\b[^>]*>|<style\b[^>]*>|\{\{", re.IGNORECASE),
        re.compile(r"-->|\{\{"),
        re.compile(r"</script|\{\{", re.IGNORECASE),
        re.compile(r"</style|\{\{", re.IGNORECASE),
    )
    _end = re.compile(r"\}\}")

    def next_state(self, state: int, line: str) -> int:
        """Return the state after a line that begins in `state`."""
        at = 0
        while True:
            pattern = self._end if state & IN_TAG else self._base[state]
            found = pattern.search(line, at)
            if found is None:
                return state
            at, word = found.end(), found[0].lower()
            if word == "{{":
                state |= IN_TAG
            elif word == "}}":
                state &= ~IN_TAG
            elif state:
                state = 0
            else:
                state = 1 if word == "<!--" else 2 if word.startswith("<script") else 3


_PARTS = ("", "<!--\n", "<script>\n", "<style>\n")
_ENDS = ("", "-->", "\n</script>", "\n</style>")
VIEW = ViewRules(
    re.compile(r"(?!)"),
    before={n | tag: _PARTS[n] + ("{{\n" if tag else "") for n in range(4) for tag in (0, IN_TAG)},
    after={n | tag: ("}}" if tag else "") + _ENDS[n] for n in range(4) for tag in (0, IN_TAG)},
)


@dataclass(frozen=True)
class Language:
    """A language: its words for people, its rules, its lexer, its mark of a comment.

    Attributes:
        comment: beginning and end of a comment; both empty where the language has none.
    """

    name: str
    rules: Rules
    lexer: str
    comment: tuple[str, str] = ("", "")


LANGUAGES: dict[str, Language] = {
    "python": Language("Python", PYTHON, "python", ("# ", "")),
    "view": Language("HTML template", VIEW, "view", ("{{#", "}}")),
    "css": Language("CSS", CSS, "css", ("/* ", " */")),
    "script": Language("JavaScript", SCRIPT, "javascript", ("// ", "")),
    "sql": Language("SQL", SQL, "sql", ("-- ", "")),
    "markdown": Language("Markdown", MARKDOWN, "markdown", ("<!-- ", " -->")),
    "json": Language("JSON", PLAIN, "json"),
    "ini": Language("Settings", PLAIN, "ini", ("; ", "")),
    "yaml": Language("YAML", PLAIN, "yaml", ("# ", "")),
    "diff": Language("Difference", PLAIN, "diff"),
    "plain": Language("Text", PLAIN, ""),
}
_BY_ENDING = {
    ".py": "python", ".html": "view", ".htm": "view", ".load": "view", ".xml": "view", ".rss": "view",
    ".svg": "view", ".jsonp": "view", ".css": "css", ".scss": "css", ".less": "css", ".js": "script",
    ".ts": "script", ".mjs": "script", ".sql": "sql", ".md": "markdown", ".markdown": "markdown",
    ".json": "json", ".ini": "ini", ".cfg": "ini", ".toml": "ini", ".conf": "ini", ".yaml": "yaml",
    ".yml": "yaml", ".diff": "diff", ".patch": "diff",
}  # fmt: skip


def language_of(name: str) -> Language:
    """Return the language of a file by its name."""
    dot = name.rfind(".")
    return LANGUAGES[_BY_ENDING.get(name[dot:].lower() if dot >= 0 else "", "plain")]


@cache
def _lexer(name: str) -> Any:
    from pygments.lexers import get_lexer_by_name

    if name == "view":
        return _view_lexer()
    return get_lexer_by_name(name, stripnl=False, ensurenl=False)


def prepare(language: Language) -> None:
    """Make the lexer of a language; meant for a thread in the background, for its import takes a while."""
    if language.lexer:
        _lexer(language.lexer)


def _view_lexer() -> Any:
    from pygments.lexer import DelegatingLexer, RegexLexer, bygroups, using
    from pygments.lexers import HtmlLexer, PythonLexer
    from pygments.token import Comment, Other

    class Tags(RegexLexer):  # type: ignore[misc]  # Pygments has no types
        """Splits a view into Python between {{ and }} and the rest."""

        flags = re.DOTALL
        tokens = {
            "root": [
                (r"(\{\{)(#.*?)(\}\})", bygroups(Comment.Preproc, Comment, Comment.Preproc)),
                (r"(\{\{)(=?)(.*?)(\}\}|\Z)",
                 bygroups(Comment.Preproc, Comment.Preproc, using(PythonLexer), Comment.Preproc)),
                (r"[^{]+|\{", Other),
            ]
        }  # fmt: skip

    class ViewLexer(DelegatingLexer):  # type: ignore[misc]
        def __init__(self, **options: Any) -> None:
            super().__init__(HtmlLexer, Tags, **options)

    return ViewLexer(stripnl=False, ensurenl=False)


def colored_lines(language: Language, lines: list[str], state: int) -> list[list[Span]]:
    """Return the colours of some lines that follow each other; the first begins in `state`."""
    if not language.lexer:
        return [[] for _ in lines]
    rules = language.rules
    end = state
    for line in lines:
        end = rules.next_state(end, line)
    before = rules.before.get(state, "")
    text = before + "\n".join(line[:LONGEST] for line in lines) + rules.after.get(end, "")
    out: list[list[Span]] = [[] for _ in lines]
    starts, at = [], len(before)
    for line in lines:
        starts.append(at)
        at += min(len(line), LONGEST) + 1
    number, last = 0, len(lines) - 1
    for begin, kind, piece in _lexer(language.lexer).get_tokens_unprocessed(text):
        color = color_of(str(kind))
        if color == "code.text":
            continue
        finish = begin + len(piece)
        if finish <= starts[0]:
            continue
        while number < last and starts[number + 1] <= begin:
            number += 1
        here = number
        while here <= last and starts[here] < finish:
            left = max(begin, starts[here])
            right = min(finish, starts[here] + min(len(lines[here]), LONGEST))
            if right > left:
                out[here].append((left - starts[here], right - left, color))
            here += 1
    return out
