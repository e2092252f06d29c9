"""XLIFF 1.2 files (TR-18), written and read with the standard library.

The reader takes no document types, so no entity of any kind is resolved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from runtime.admin.exchange.content import Content, Entry, ExchangeError, Word
from runtime.admin.exchange.safe_text import decode, encode, encode_optional
from runtime.foundation.problems import UserError
from runtime.i18n.catalog import has_comment, source_text
from runtime.i18n.files import LANGUAGE_CODE
from runtime.i18n.plural_rules import PluralRule

NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"
TEXTS, WORDS = "x-texts", "x-words"
DONE_STATES = frozenset({"translated", "final", "signed-off"})
MAX_DEPTH = 40


def write(content: Content, rule: PluralRule) -> bytes:
    """Return `content` as an XLIFF file."""
    language = content.language or "und"
    kind = 'source-language="en" datatype="plaintext" xml:space="preserve"'
    head = f"{kind} target-language={quoteattr(language)}"
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<xliff version="1.2" xmlns="{NAMESPACE}">']
    lines += [
        f'<file original={quoteattr(f"languages/{language}.py")} category="{TEXTS}" {head}>',
        "<header>",
    ]
    for name, value in content.about.items():
        lines.append(f"<note from={_attribute(name)}>{_text(value)}</note>")
    lines += ["</header>", "<body>"]
    for number, entry in enumerate(content.entries, 1):
        lines += _unit(number, entry)
    lines += ["</body>", "</file>"]
    lines += [
        f'<file original={quoteattr(f"languages/plural-{language}.py")} category="{WORDS}" {head}>',
        "<body>",
    ]
    for number, word in enumerate(content.words, 1):
        lines.append(f'<group id="w{number}" restype="x-gettext-plurals" resname={_attribute(word.word)}>')
        for place, form in enumerate(word.forms, 1):
            source, target = _text(word.word), _text(form)
            lines.append(f'<trans-unit id="w{number}[{place}]"><source>{source}</source>')
            lines.append(f"<target>{target}</target></trans-unit>")
        lines.append("</group>")
    lines += ["</body>", "</file>", "</xliff>", ""]
    return "\n".join(lines).encode("utf-8")


def _unit(number: int, entry: Entry) -> Iterator[str]:
    yield f'<trans-unit id="{number}" resname={_attribute(encode(entry.key), safe=True)}>'
    yield f"<source>{_text(source_text(entry.key))}</source>"
    if entry.same:
        yield f'<target state="final" state-qualifier="id-match">{_text(entry.text)}</target>'
    elif entry.text:
        yield f'<target state="translated">{_text(entry.text)}</target>'
    else:
        yield '<target state="needs-translation"></target>'
    for place in entry.places:
        file, _, line = place.rpartition(":")
        yield (
            '<context-group purpose="location">'
            f'<context context-type="sourcefile">{_text(file)}</context>'
            f'<context context-type="linenumber">{_text(line)}</context></context-group>'
        )
    if has_comment(entry.key):
        yield f'<note from="developer">{_text(entry.key.rpartition("##")[2].strip())}</note>'
    if entry.note:
        yield f'<note from="translator">{_text(entry.note)}</note>'
    yield "</trans-unit>"


def _text(value: str, *, safe: bool = False) -> str:
    return escape(value if safe else encode_optional(value))


def _attribute(value: str, *, safe: bool = False) -> str:
    text = value if safe else encode_optional(value)
    return quoteattr(text, {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})


@dataclass
class Node:
    """An element: name without namespace, attributes, its own and all text, children, line."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Node] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def find(self, name: str) -> Node | None:
        """Return the first child called `name`."""
        return next((child for child in self.children if child.name == name), None)

    def each(self, *names: str) -> Iterator[Node]:
        """Yield the elements below called one of `names`, in order."""
        for child in self.children:
            if child.name in names:
                yield child
            else:
                yield from child.each(*names)

    @property
    def text(self) -> str:
        """All text inside."""
        return "".join(self.pieces)


def read(source: bytes, name: str, language: str = "") -> Content:
    """Return what the XLIFF file `source` holds.

    Args:
        source: its bytes.
        name: what messages call it.
        language: the language it is for; default the one it names.

    Raises:
        ExchangeError: it is no XLIFF 1.2; the text names the line.
    """
    root = parse_xml(source, name)
    version = root.attributes.get("version", "")
    if root.name != "xliff" or not version.startswith("1."):
        found = f"XLIFF {version}" if root.name == "xliff" else f"<{root.name}>"
        raise ExchangeError(f"{name}, line {root.line}: holds {found}; XLIFF 1.2 is read")
    files = list(root.each("file"))
    named = next((file.attributes.get("target-language", "") for file in files), "")
    content = Content(language or named.lower())
    for file in files:
        for note in (note for head in file.each("header") for note in head.each("note")):
            content.about[decode(note.attributes.get("from", ""))] = decode(note.text)
        for part in file.each("trans-unit", "group"):
            try:
                _take(content, part)
            except UserError as error:
                raise ExchangeError(f"{name}, line {part.line}: {error}") from None
    content.language = content.language or content.about.get(LANGUAGE_CODE, "")
    content.drop_doubles()
    return content


def _take(content: Content, part: Node) -> None:
    if part.name == "trans-unit":
        content.entries.append(_entry(part))
    elif part.attributes.get("restype") == "x-gettext-plurals" and "resname" in part.attributes:
        forms = [target.text if (target := unit.find("target")) else "" for unit in part.each("trans-unit")]
        while forms and not forms[-1]:
            forms.pop()
        decoded = tuple(decode(form) for form in forms)
        content.words.append(Word(decode(part.attributes["resname"]), decoded, part.line))
    else:
        for child in part.each("trans-unit", "group"):
            _take(content, child)


def _entry(unit: Node) -> Entry:
    origin, target = unit.find("source"), unit.find("target")
    if origin is None:
        raise ExchangeError("a unit without <source>")
    source = decode(origin.text)
    key = decode(unit.attributes.get("resname", "")) if "resname" in unit.attributes else source
    if source_text(key) != source:
        key = source
    state = target.attributes.get("state", "") if target is not None else ""
    text = decode(target.text) if target is not None and state != "needs-translation" else ""
    same = bool(text) and text == source
    if same and state not in DONE_STATES:
        text, same = "", False
    notes = [note.text for note in unit.each("note") if note.attributes.get("from") != "developer"]
    places = []
    for group in unit.each("context-group"):
        parts = {one.attributes.get("context-type"): one.text for one in group.each("context")}
        if parts.get("sourcefile"):
            places.append(f"{decode(parts['sourcefile'])}:{parts.get('linenumber', '')}".rstrip(":"))
    return Entry(key, text, decode("\n".join(notes)), tuple(places), same, unit.line)


def parse_xml(source: bytes, name: str) -> Node:
    """Return the root element of `source`.

    Raises:
        ExchangeError: it is no XML, has a document type, or is nested beyond reason.
    """
    top = Node("", {}, 0)
    stack = [top]
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def start(tag: str, attributes: dict[str, str]) -> None:
        if len(stack) > MAX_DEPTH:
            raise ExchangeError(f"{name}, line {parser.CurrentLineNumber}: elements are nested too deeply")
        node = Node(tag.rpartition(" ")[2], attributes, parser.CurrentLineNumber)
        stack[-1].children.append(node)
        stack.append(node)

    def end(_tag: str) -> None:
        node = stack.pop()
        stack[-1].pieces.extend(node.pieces)

    def text(data: str) -> None:
        stack[-1].pieces.append(data)

    def refuse(*_about: object) -> None:
        line = parser.CurrentLineNumber
        raise ExchangeError(f"{name}, line {line}: has a document type; entities are not taken from files")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(source, True)
    except expat.ExpatError as error:
        reason = expat.errors.messages.get(error.code, "cannot be read")
        raise ExchangeError(f"{name}, line {error.lineno}: not XML: {reason}") from None
    except (ValueError, LookupError) as error:
        raise ExchangeError(f"{name}: cannot be read ({error})") from None
    return top.children[0]
