"""A ticket as one HTML page and as text: for the local browser, to send, for a bug report (DEV-04)."""

from __future__ import annotations

from html import escape
from typing import Any

from runtime.errors.ticket import Frame, Ticket, relative

_STYLE = """
:root{color-scheme:light dark;--bg:#f7f8fb;--card:#fff;--ink:#1b1c26;--soft:#5b5f73;--line:#dfe1ea;
--mark:#fdeaea;--edge:#cf3340;--accent:#3b49b8;--kw:#7d35b0;--str:#127a44;--num:#a34a00}
@media(prefers-color-scheme:dark){:root{--bg:#15161d;--card:#1d1f28;--ink:#e8e9f0;--soft:#a2a6ba;--line:#343746;
--mark:#42222a;--edge:#ff7a84;--accent:#a3aeff;--kw:#d3a4ff;--str:#7fd6a4;--num:#ffb071}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);
font:15px/1.5 system-ui,sans-serif}main{max-width:1080px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:22px;margin:0 0 4px;overflow-wrap:anywhere}h2{font-size:15px;margin:26px 0 8px}
p.at{color:var(--soft);margin:0 0 18px;overflow-wrap:anywhere}
section,details.frame{background:var(--card);border:1px solid var(--line);border-radius:8px;margin:0 0 10px;
overflow:hidden}summary{cursor:pointer;padding:9px 14px;overflow-wrap:anywhere}
summary b{color:var(--accent);font-weight:600}summary i{color:var(--soft);font-style:normal}
pre{margin:0;padding:8px 0;overflow-x:auto;font:13px/1.55 ui-monospace,Consolas,monospace}
pre.text{padding:10px 14px;white-space:pre-wrap;overflow-wrap:anywhere}
.line{display:block;padding-right:14px;min-width:max-content;border-left:3px solid transparent}
.line span.number{display:inline-block;width:52px;padding-right:14px;text-align:right;color:var(--soft);
user-select:none}
.line.hit{background:var(--mark);border-left-color:var(--edge)}
.line.hit span.number{color:var(--edge);font-weight:700}
table{border-collapse:collapse;width:100%;font:13px/1.5 ui-monospace,Consolas,monospace}
td{border-top:1px solid var(--line);padding:4px 14px;vertical-align:top;overflow-wrap:anywhere;
white-space:pre-wrap}
td:first-child{width:190px;color:var(--soft)}.k,.kn,.kd,.ow,.kc{color:var(--kw)}
.s,.s1,.s2,.sd,.sa{color:var(--str)}.mi,.mf,.mh{color:var(--num)}.c1,.ch{color:var(--soft)}
"""


def ticket_html(ticket: Ticket, note: str = "") -> str:
    """Return `ticket` as one page without any outside part (DEV-04).

    Args:
        ticket: what to show; secrets are hidden in it already.
        note: sentence above everything.
    """
    title = f"{ticket.exception}: {ticket.message}" if ticket.message else ticket.exception
    parts = [f"<h1>{_text(title)}</h1>", f'<p class="at">{_text(_where(ticket))}</p>']
    if note:
        parts.insert(0, f'<p class="at">{_text(note)}</p>')
    if ticket.fault:
        parts.append(f'<section><pre class="text">{_text(ticket.fault)}</pre></section>')
    parts.append("<h2>Traceback</h2>")
    parts += _frames(ticket.frames)
    parts.append(_folded("As text", f'<pre class="text">{_text(ticket.traceback)}</pre>'))
    for name in ("request", "session", "response"):
        parts.append(_table(name.capitalize(), getattr(ticket, name)))
    statements = {f"{number}. {took:g} ms": sql for number, (sql, took) in enumerate(ticket.statements, 1)}
    parts.append(_table("Database statements", statements))
    if ticket.log:
        lines = "\n".join(ticket.log)
        parts.append(f'<h2>Log of this request</h2><section><pre class="text">{_text(lines)}</pre></section>')
    parts.append(_table("Versions", ticket.versions))
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="robots" content="noindex">'
        '<meta name="viewport" content="width=device-width"><title>'
        f"{_text(title[:200])}</title><style>{_STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>"
    )


def ticket_text(ticket: Ticket, markdown: bool = False) -> str:
    """Return `ticket` as text, or as Markdown for a bug report (TK-10)."""
    versions = ", ".join(f"{name} {value}" for name, value in ticket.versions.items())
    about = [f"{ticket.exception}: {ticket.message}", _where(ticket), versions]
    request = [f"{ticket.request.get('method', '')} {ticket.request.get('address', '')}".strip("' ")]
    if not markdown:
        return "\n".join([*filter(None, (*about, *request)), "", ticket.traceback, ""])
    fence = "`" * max(3, _longest_run(ticket.traceback) + 1)
    head = [f"**{_flat(about[0])}**", "", *(f"* {_flat(line)}" for line in (*about[1:], *request) if line)]
    return "\n".join([*head, "", f"{fence}text", ticket.traceback, fence, ""])


def _flat(text: str) -> str:
    return " ".join(text.split()).replace("*", "\\*").replace("<", "&lt;")


def _longest_run(text: str) -> int:
    longest = run = 0
    for letter in text:
        run = run + 1 if letter == "`" else 0
        longest = max(longest, run)
    return longest


def _where(ticket: Ticket) -> str:
    place = f"{relative(ticket.layer)}, line {ticket.line}" if ticket.layer else ""
    return " - ".join(filter(None, (f"ticket {ticket.application}/{ticket.id}", ticket.time[:19], place)))


def _text(value: object) -> str:
    return escape(str(value).encode("utf-8", "backslashreplace").decode())


def _frames(frames: list[Frame]) -> list[str]:
    last_own = max((number for number, frame in enumerate(frames) if frame.own), default=len(frames) - 1)
    return [_frame(frame, number == last_own) for number, frame in enumerate(frames)]


def _frame(frame: Frame, is_open: bool) -> str:
    head = f"<b>{_text(relative(frame.file))}</b> {_text(frame.function)} <i>line {frame.line}</i>"
    lines = "".join(_line(number, code, number == frame.line) for number, code in _colored(frame))
    code = f"<pre>{lines}</pre>" if lines else ""
    opened = " open" if is_open else ""
    return f'<details class="frame"{opened}><summary>{head}</summary>{code}{_rows(frame.variables)}</details>'


def _line(number: int, code: str, hit: bool) -> str:
    return f'<span class="line{" hit" if hit else ""}"><span class="number">{number}</span>{code}</span>'


def _colored(frame: Frame) -> list[tuple[int, str]]:
    """Return the numbered lines of a frame as HTML, Python ones with colors."""
    if not frame.file.endswith(".py"):
        return [(number, _text(text)) for number, text in frame.source]
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    text = "\n".join(text for _, text in frame.source)
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    lines = highlight(text, lexer, HtmlFormatter(nowrap=True)).split("\n")
    return [(number, line) for (number, _), line in zip(frame.source, lines, strict=False)]


def _rows(values: dict[str, Any]) -> str:
    rows = []
    for name, value in values.items():
        shown = "\n".join(f"{n}: {v}" for n, v in value.items()) if isinstance(value, dict) else value
        rows.append(f"<tr><td>{_text(name)}</td><td>{_text(shown)}</td></tr>")
    return f"<table>{''.join(rows)}</table>" if rows else ""


def _table(title: str, values: dict[str, Any]) -> str:
    return f"<h2>{title}</h2><section>{_rows(values)}</section>" if values else ""


def _folded(title: str, content: str) -> str:
    return f'<details class="frame"><summary>{title}</summary>{content}</details>'
