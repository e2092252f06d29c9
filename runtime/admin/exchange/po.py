"""PO files, as Poedit, Weblate and gettext know them (TR-18).

A string whose key is more than its source text (comment, markup mark) has the key as context. A plural word
is a message with plural forms and the context ``plural``.
"""

from __future__ import annotations

import re
from typing import Any

import polib  # type: ignore[import-untyped] # the library has no annotations

from runtime.admin.exchange.content import Content, Entry, ExchangeError, Word
from runtime.admin.exchange.plural_forms import forms_in_order, plural_header
from runtime.admin.exchange.safe_text import decode, encode, encode_optional, spell
from runtime.i18n.catalog import has_comment, source_text
from runtime.i18n.files import LANGUAGE_CODE, LANGUAGE_NAME
from runtime.i18n.plural_rules import PluralRule, rule_for

PLURAL_CONTEXT = "plural"
WORD_CONTEXT = re.compile(r"plural(?: |\Z)")
NAME_HEADER, CODE_HEADER = "X-Language-Name", "X-Language-Code"
CHARSET = re.compile(rb'^"Content-Type:[^"\n]*charset=([A-Za-z0-9_.:-]+)', re.MULTILINE)
LINE = re.compile(
    r'\s*(?:#~?\|?\s*)?(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d{1,2}\])?)\s+)?"(?:[^"\\]|\\.)*"\s*\Z'
)
"""A line with a text, whole."""

ODD_ENDS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def write(content: Content, rule: PluralRule) -> bytes:
    """Return `content` as a PO file."""
    file = polib.POFile(wrapwidth=0)
    file.metadata = {
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": content.language.replace("-", "_"),
    }
    forms = plural_header(rule)
    if forms:
        file.metadata["Plural-Forms"] = forms
    for name, header in ((LANGUAGE_NAME, NAME_HEADER), (LANGUAGE_CODE, CODE_HEADER)):
        if name in content.about:
            file.metadata[header] = encode_optional(content.about[name])
    file.extend(_message(entry) for entry in content.entries)
    file.extend(_word(word, rule) for word in content.words)
    return (str(file) + "\n").encode("utf-8")


def _message(entry: Entry) -> Any:
    source = source_text(entry.key)
    context = encode(entry.key) if entry.key != source or not source else None
    comment = entry.key.rpartition("##")[2].strip() if has_comment(entry.key) else ""
    return polib.POEntry(
        msgid=encode_optional(source),
        msgctxt=context,
        msgstr=encode_optional(entry.text),
        comment=encode_optional(comment),
        tcomment=_comment(entry.note),
        occurrences=[tuple(place.rsplit(":", 1)) for place in entry.places],
    )


def _comment(text: str) -> str:
    """Return a note as lines of a comment; where their ends would be lost it is spelled out on one line."""
    shown = encode_optional(text)
    if all(line and line == line.strip() for line in shown.split("\n")):
        return shown
    body = shown.strip()
    start = len(shown) - len(shown.lstrip()) if body else len(shown)
    end = start + len(body)
    return spell(shown[:start]) + body.replace("\n", spell("\n")) + spell(shown[end:])


def _word(word: Word, rule: PluralRule) -> Any:
    forms = (word.word, *word.forms)
    texts = [encode_optional(form) for form in forms]
    texts += [""] * (rule.nplurals - len(texts))
    return polib.POEntry(
        msgid=encode_optional(word.word),
        msgctxt=PLURAL_CONTEXT,
        msgid_plural=encode_optional(word.forms[0] if word.forms else word.word),
        msgstr_plural=dict(enumerate(texts)),
    )


def read(source: bytes, name: str, language: str = "") -> Content:
    """Return what the PO file `source` holds; entries marked *fuzzy* or obsolete are left out.

    Args:
        source: its bytes.
        name: what messages call it.
        language: the language it is for; default the one it names.

    Raises:
        ExchangeError: it is no PO file; the text names the line.
    """
    file = _parsed(source, name)
    named = str(file.metadata.get(CODE_HEADER) or file.metadata.get("Language", "")).strip()
    content = Content(language or named.replace("_", "-").lower())
    rule = rule_for(content.language)
    header = str(file.metadata.get("Plural-Forms", ""))
    for key, title in ((LANGUAGE_NAME, NAME_HEADER), (LANGUAGE_CODE, CODE_HEADER)):
        if file.metadata.get(title):
            content.about[key] = decode(file.metadata[title])
    for message in file:
        if message.obsolete:
            continue
        where = f"line {message.linenum}"
        if "fuzzy" in message.flags:
            content.skipped.append(f"{where}: marked as fuzzy, so not certain: {message.msgid!r}")
        elif not message.msgid_plural:
            content.entries.append(_entry(message))
        elif WORD_CONTEXT.match(message.msgctxt or ""):
            content.words.append(_read_word(message, header, rule))
        else:
            content.skipped.append(
                f"{where}: a sentence with plural forms has no place here: {message.msgid!r}"
            )
    content.drop_doubles()
    return content


def _parsed(source: bytes, name: str) -> Any:
    found = CHARSET.search(source)
    charset = found[1].decode("ascii") if found and found[1] != b"CHARSET" else "utf-8"
    try:
        text = source.decode("utf-8-sig" if charset.lower() in ("utf-8", "utf8") else charset)
    except LookupError:
        raise ExchangeError(f"{name}: its encoding {charset} is not known; save it as UTF-8") from None
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise ExchangeError(f"{name}, line {line}: not {charset} text; save it as UTF-8") from None
    text = ODD_ENDS.sub(lambda match: f"{{U+{ord(match[0]):04X}}}", text)
    if not re.search(r"^msgid\s", text, re.MULTILINE):
        raise ExchangeError(f"{name}: not a PO file, it has no msgid")
    for number, shown in enumerate(text.split("\n"), 1):
        if shown.lstrip().startswith(('"', "msg")) and not LINE.match(shown):
            raise ExchangeError(
                f"{name}, line {number}: not a line of a PO file; is a quotation mark missing?"
            )
    try:
        return polib.pofile(text + "\n\n", wrapwidth=0)
    except (OSError, ValueError, IndexError) as error:
        line_text = re.search(r"line (\d+)", str(error))
        where = f", line {line_text[1]}" if line_text else ""
        raise ExchangeError(f"{name}{where}: not in the form of a PO file") from None


def _entry(message: Any) -> Entry:
    source = decode(message.msgid)
    key = source
    if message.msgctxt:
        key = decode(message.msgctxt)
        if source_text(key) != source:  # the context of another program
            key = f"{source} ## {key}"
    text = decode(message.msgstr)
    places = tuple(f"{file}:{line}" if line else file for file, line in message.occurrences)
    return Entry(key, text, decode(message.tcomment), places, bool(text) and text == source, message.linenum)


def _read_word(message: Any, header: str, rule: PluralRule) -> Word:
    forms = [decode(text) for _, text in sorted(message.msgstr_plural.items())]
    ordered = forms_in_order(header, forms, rule)[1:]
    while ordered and not ordered[-1]:
        ordered.pop()
    return Word(decode(message.msgid), tuple(ordered), message.linenum)
