"""MARKMIN written as LaTeX (LIB-3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runtime.html.markmin.blocks import Blocks
from runtime.html.markmin.marks import PLACEHOLDER, Code, prepare, reveal, take_codes

__all__ = ["latex_escape", "markmin2latex", "render"]

_SPECIAL = str.maketrans(
    {c: "\\" + c for c in "#$%&_{}"}
    | {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}"}
    | {"<": "\\textless{}", ">": "\\textgreater{}", "|": "\\textbar{}"}
)
_LINK = re.compile(r"\[\[(.{1,1000}?)\]\](?!\])", re.DOTALL)
_TARGET = re.compile(
    r"(?P<label>.*?)(?:\s+\[[^\[\]]*\])?(?:^|\s+)(?P<url>[^\s\[\]]+)"
    r"(?:\s+(?P<kind>popup|video|audio|left|right|center|img|image)(?:\s+(?P<width>\d+)px)?)?\s*\Z",
    re.DOTALL | re.IGNORECASE,
)
_MARKS = re.compile(
    r"\*\*(?=[^\s*])(?P<textbf>.{1,1000}?)(?<=[^\s*])\*\*|''(?P<textit>.{1,1000}?)''|~~(?P<sout>.{1,1000}?)~~",
    re.DOTALL,
)
_KEPT = re.compile(r"\x06(\d+)\x06")
_BIBLIOGRAPHY = re.compile(r"^#+\s*References\s*$(?P<items>.*)\Z", re.DOTALL | re.MULTILINE)
_REFERENCE = re.compile(
    r"^\s*[-+]\s+\[\[(?P<key>[^\s\]]+)\]\]\s*(?P<text>.*?)(?=^\s*[-+]\s|\Z)", re.DOTALL | re.MULTILINE
)
_HEADERS = ("section", "subsection", "subsubsection", "paragraph", "subparagraph", "subparagraph")
_PREAMBLE = """\\documentclass[12pt]{article}
\\usepackage[utf8]{inputenc}
\\usepackage[T1]{fontenc}
\\usepackage[normalem]{ulem}
\\usepackage{graphicx}
\\usepackage{listings}
\\usepackage{makeidx}
\\usepackage{hyperref}
\\lstset{basicstyle=\\ttfamily\\footnotesize,breaklines=true}
\\newcommand{\\inxx}[1]{\\index{#1}}
\\sloppy\\raggedbottom
"""


def latex_escape(text: str) -> str:
    """Return `text` so that LaTeX prints every character as it is."""
    return text.translate(_SPECIAL)


class _LatexWriter:
    """The `Writer` of LaTeX (see `blocks`)."""

    def __init__(
        self,
        codes: list[Code],
        extra: Mapping[str, Callable[..., Any]],
        image_mapper: Callable[[str], str],
        chapters: bool,
    ) -> None:
        self.codes = codes
        self.extra = extra
        self.image_mapper = image_mapper
        self.headers = ("chapter", *_HEADERS[:5]) if chapters else _HEADERS

    def inline(self, text: str) -> str:
        kept: list[str] = []

        def keep(latex: str) -> str:
            kept.append(latex)
            return f"\x06{len(kept) - 1}\x06"

        text = PLACEHOLDER.sub(lambda m: keep(self._code(self.codes[int(m[1])])), text)
        text = _LINK.sub(lambda m: keep(self._link(m[1])), text)
        # The placeholders are digits between control characters, which escaping leaves alone.
        latex = reveal(_emphasis(text))
        while _KEPT.search(latex):
            latex = _KEPT.sub(lambda m: kept[int(m[1])], latex)
        return latex

    def _link(self, content: str) -> str:
        if content == "NEWLINE":
            return "\\\\\n"
        content = reveal(content)
        if not re.search(r"\s", content.strip()) and not content[:1].isspace():
            return f"\\label{{{_key(content)}}}"
        match = _TARGET.match(content)
        if match is None:
            return latex_escape(f"[[{content}]]")
        url, label, kind = match["url"], match["label"].strip(), (match["kind"] or "").lower()
        if kind in ("left", "right", "center", "img", "image"):
            width = f"{int(match['width']) * 0.75:g}pt" if match["width"] else "8cm"
            path = re.sub(r"[{}\\%#]", "", self.image_mapper(url))
            return f"\\begin{{center}}\\includegraphics[width={width}]{{{path}}}\\end{{center}}"
        text = latex_escape(label or url)
        if url.startswith("#"):
            return f"\\hyperref[{_key(url[1:])}]{{{text}}}"
        return f"\\href{{{latex_escape(url)}}}{{{text}}}"

    def is_block_code(self, placeholder: str) -> bool:
        match = PLACEHOLDER.search(placeholder)
        return match is not None and self.codes[int(match[1])].block

    def code(self, placeholder: str) -> str:
        match = PLACEHOLDER.search(placeholder)
        assert match is not None  # the callers have found it
        return self._code(self.codes[int(match[1])]) + "\n\n"

    def _code(self, code: Code) -> str:
        if code.cls in self.extra:
            return str(self.extra[code.cls](code.text))
        if code.cls == "latex":
            return f"${code.text.strip()}$"
        if code.cls == "cite":
            return f"~\\cite{{{','.join(_key(key.strip()) for key in code.text.split(','))}}}"
        if code.cls == "inxx":
            return f"\\inxx{{{latex_escape(code.text)}}}"
        if code.block:
            listing = code.text.replace("\\end{lstlisting}", "\\end {lstlisting}")
            return f"\\begin{{lstlisting}}\n{listing}\n\\end{{lstlisting}}"
        return f"\\texttt{{{latex_escape(code.text)}}}"

    def paragraphs(self, texts: list[str]) -> str:
        return "".join(f"{text}\n\n" for text in texts)

    def header(self, level: int, text: str) -> str:
        return f"\\{self.headers[level - 1]}{{{text}}}\n\n"

    def separator(self) -> str:
        return "\\hrule\n\n"

    def quote(self, content: str, cls: str, identifier: str) -> str:
        return f"\\begin{{quote}}\n{content.strip()}\n\\end{{quote}}\n\n"

    def table(self, sections: list[list[list[tuple[str, bool]]]], cls: str, identifier: str) -> str:
        rows = [row for section in sections for row in section]
        columns = max(map(len, rows), default=1)
        body = "\n\\hline\n".join(
            "\n".join(" & ".join(text for text, _ in row) + " \\\\" for row in section)
            for section in sections
        )
        label = f"\\label{{{_key(reveal(identifier))}}}" if identifier else ""
        return (
            f"\\begin{{center}}{label}\n\\begin{{tabular}}{{{'|l' * columns}|}}\n\\hline\n{body}\n\\hline\n"
            "\\end{tabular}\n\\end{center}\n\n"
        )

    def list_open(self, ordered: bool) -> str:
        return f"\n\\begin{{{_list_name(ordered)}}}\n"

    def list_close(self, ordered: bool) -> str:
        return f"\\end{{{_list_name(ordered)}}}\n\n"

    def item_open(self) -> str:
        return "\\item "

    def item_close(self) -> str:
        return "\n"


def _list_name(ordered: bool) -> str:
    return "enumerate" if ordered else "itemize"


def _key(text: str) -> str:
    return re.sub(r"[^\w.:/+-]", "", text)


def _emphasis(text: str) -> str:
    out = []
    position = 0
    for match in _MARKS.finditer(text):
        command = str(match.lastgroup)
        # Hidden characters are escaped as what they stand for.
        out.append(latex_escape(reveal(text[position : match.start()])))
        out.append(f"\\{command}{{{_emphasis(match[command])}}}")
        position = match.end()
    out.append(latex_escape(reveal(text[position:])))
    return "".join(out)


def render(
    text: Any,
    extra: Mapping[str, Callable[..., Any]] | None = None,
    allowed: Mapping[str, Sequence[str]] | None = None,
    sep: str = "p",
    image_mapper: Callable[[str], str] = lambda x: x,
    chapters: bool = False,
) -> tuple[str, str, list[str]]:
    """Return ``(body, title, authors)`` of a MARKMIN text in LaTeX.

    The first line, when it is a header of the first level, is the title; lines
    ``author: name`` after it give the authors. A last section called
    "References" whose items begin with ``[[key]]`` becomes the bibliography.

    Args:
        text: the source.
        extra: functions that give the LaTeX of code classes.
        allowed: kept for callers of the HTML renderer; LaTeX has no classes.
        sep: likewise; LaTeX knows one kind of paragraph.
        image_mapper: gives the file of an image for its address.
        chapters: headers of the first level are chapters.
    """
    source = prepare(text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text))
    title, authors, source = _front_matter(source, chapters)
    body, codes = take_codes(source)
    writer = _LatexWriter(codes, extra or {}, image_mapper, chapters)
    bibliography = ""
    references = _BIBLIOGRAPHY.search(body)
    if references and _REFERENCE.search(references["items"]):
        items = "".join(
            f"\\bibitem{{{_key(item['key'])}}} {writer.inline(' '.join(item['text'].split()))}\n"
            for item in _REFERENCE.finditer(references["items"])
        )
        bibliography = f"\\begin{{thebibliography}}{{999}}\n{items}\\end{{thebibliography}}\n"
        body = body[: references.start()]
    return Blocks(writer).render(body.split("\n")) + bibliography, title, authors


def _front_matter(source: str, chapters: bool) -> tuple[str, list[str], str]:
    title = ""
    authors = []
    match = None if chapters else re.match(r"\s*#(?!#)\s*(.+)\n?", source)
    if match:
        title = reveal(match[1].strip())
        source = source[match.end() :]
    while author := re.match(r"\s*author:\s*(.+)\n?", source):
        authors.append(reveal(author[1].strip()))
        source = source[author.end() :]
    return title, authors, source


def markmin2latex(
    text: Any,
    image_mapper: Callable[[str], str] = lambda x: x,
    extra: Mapping[str, Callable[..., Any]] | None = None,
    wrapper: str | None = None,
) -> str:
    """Return a whole LaTeX document.

    Args:
        wrapper: document with the fields ``%(title)s``, ``%(author)s`` and ``%(body)s``.
    """
    body, title, authors = render(text, extra=extra, image_mapper=image_mapper)
    author = "\n\\and\n".join(latex_escape(name) for name in authors)
    if wrapper is not None:
        return wrapper % {"title": latex_escape(title), "author": author, "body": body}
    heading = f"\\title{{{latex_escape(title)}}}\n\\author{{{author}}}\n" if title else ""
    maketitle = "\\maketitle\n" if title else ""
    return f"{_PREAMBLE}{heading}\\begin{{document}}\n{maketitle}{body}\\end{{document}}\n"
