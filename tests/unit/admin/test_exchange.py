"""Exchange of translations with other programs: PO, CSV, XLSX, XLIFF, and the difference first (TR-18)."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import polib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.admin.exchange import (
    Content,
    Entry,
    ExchangeError,
    Word,
    apply,
    compare,
    export_language,
    format_of,
    gather,
    read_file,
)
from runtime.admin.exchange.plural_forms import NUMBERS, forms_in_order, plural_header
from runtime.admin.exchange.safe_text import decode, encode
from runtime.admin.languages_marks import change_marks, load_marks
from runtime.foundation.problems import UserError
from runtime.i18n import CorruptedFile, read_dict, rule_for
from runtime.i18n.files import load_words, write_dict, write_plural_dict

ENDINGS = [".po", ".csv", ".xlsx", ".xlf"]

TEXTS = {
    "!langcode!": "ar",
    "!langname!": "العربية",
    "Save": "احفظ",
    "Save ## button of the form": "حفظ",
    "@markmin\x01**bold** [[link http://x]]": "**غامق**",
    "=SUM(A1)": "'=quoted",
    "-dash": "@at",
    "two\nlines\tand tab": "سطر\nآخر\t",
    "open": "open",
    'quote " back \\ slash': "« “ ”",
    "trailing ": " both ",
    "\u202bmixed\u202c": "\u200fright",
    "vertical\x0b feed\x0c nel\x85 ls\u2028 nul\x00": "carriage\r return \x1f",
    "literal {U+0041} and _x0041_": "{U+}",
    "<b>tag</b> & ]]>": "<b>&amp;</b>",
    "%(name)s has %s%%{message}": "%(name)s",
    "OK": "OK",
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An application with one language of six plural forms and every hard text."""
    folder = tmp_path / "shop" / "languages"
    folder.mkdir(parents=True)
    write_dict(folder / "ar.py", TEXTS)
    write_plural_dict(folder / "plural-ar.py", {"كتاب": ["كتابان", "كتب", "كتابا", "كتاب", ""], "=x": ["y"]})
    change_marks(folder, lambda marks: marks.same.setdefault("ar", set()).add("OK"))
    change_marks(folder, lambda marks: marks.notes.update({"Save": "on the\nbutton"}))
    return tmp_path / "shop"


def states(content: Content) -> dict[str, tuple[str, str, bool]]:
    return {entry.key: (entry.text, entry.note, entry.same) for entry in content.entries}


@pytest.mark.parametrize("ending", ENDINGS)
def test_tr_18_every_text_comes_back(app, tmp_path, ending):
    """TR-18: out and in again nothing is lost: comments, marks, notes, plurals, odd characters."""
    target = tmp_path / f"ar{ending}"
    before = export_language(app, "ar", target)
    after = read_file(target)
    assert after.language == "ar"
    assert states(after) == states(before)
    assert after.about == {"!langcode!": "ar", "!langname!": "العربية"}
    assert {word.word: word.forms for word in after.words} == {
        "كتاب": ("كتابان", "كتب", "كتابا", "كتاب"),
        "=x": ("y",),
    }
    diff = compare(app, after)
    assert (diff.texts, diff.words, diff.skipped) == ([], [], [])


@pytest.mark.parametrize("ending", ENDINGS)
def test_tr_18_into_an_application_without_the_language(app, tmp_path, ending):
    """TR-18: a fresh application gets the same files, untranslated strings included."""
    target = tmp_path / f"ar{ending}"
    export_language(app, "ar", target)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    diff = compare(fresh, read_file(target))
    assert diff.is_new
    assert not (fresh / "languages").exists()
    apply(diff)
    assert read_dict(fresh / "languages" / "ar.py") == TEXTS
    assert load_words(fresh / "languages" / "plural-ar.py")["=x"] == ["y"]
    marks = load_marks(fresh / "languages")
    assert marks.same["ar"] == {"OK"}
    assert marks.notes == {"Save": "on the\nbutton"}


alphabet = st.characters(codec="utf-8") | st.sampled_from("{U+}\x01\r\n\t\"'\\=_x0041\u2028\x85")
texts = st.text(alphabet, max_size=30)


@pytest.mark.parametrize("ending", ENDINGS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    entries=st.dictionaries(texts, st.tuples(texts, texts), max_size=6), words=st.dictionaries(texts, texts)
)
def test_tr_18_any_text_comes_back(ending, entries, words):
    """TR-18: for any keys, translations, notes and plural words."""
    content = Content("sl", [Entry(key, text, note) for key, (text, note) in entries.items()])
    content.words = [Word(word, (form,)) for word, form in words.items() if form]
    chosen = format_of(f"x{ending}")
    after = chosen.read(chosen.write(content, rule_for("sl")), "x", "sl")
    found = {entry.key: (entry.text, entry.note) for entry in after.entries}
    from runtime.i18n.catalog import source_text

    assert set(found) == set(entries)
    for key, (text, note) in entries.items():
        assert found[key][1] == note
        assert found[key][0] == text or text == source_text(key)
    assert {word.word: word.forms for word in after.words} == {
        word.word: word.forms for word in content.words
    }


@given(st.text())
def test_odd_characters_are_spelled_and_come_back(text):
    assert decode(encode(text)) == text
    assert all(char >= " " or char in "\n\t" for char in encode(text))


def test_tr_18_po_is_what_gettext_knows(app, tmp_path):
    """TR-18: another reader finds source, comment, context, plural forms in the language's order."""
    export_language(app, "ar", tmp_path / "ar.po")
    file = polib.pofile(str(tmp_path / "ar.po"))
    assert file.metadata["Language"] == "ar"
    assert file.metadata["Plural-Forms"].startswith("nplurals=6; plural=(")
    save = file.find("Save", msgctxt="Save ## button of the form")
    assert (save.msgstr, save.comment) == ("حفظ", "button of the form")
    book = next(entry for entry in file if entry.msgid == "كتاب")
    assert book.msgstr_plural == {0: "كتاب", 1: "كتابان", 2: "كتب", 3: "كتابا", 4: "كتاب", 5: ""}
    assert file.find("open").msgstr == ""


def test_tr_18_po_of_another_program(tmp_path):
    """TR-18: contexts, other orders of forms, fuzzy and obsolete entries, doubles."""
    path = tmp_path / "x.po"
    path.write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Language: pt_BR\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n == 1);\\n"\n\n'
        'msgctxt "menu"\nmsgid "Open"\nmsgstr "Abrir"\n\n'
        '#, fuzzy\nmsgid "Maybe"\nmsgstr "Talvez"\n\n'
        'msgid "one"\nmsgid_plural "many"\nmsgstr[0] "a"\nmsgstr[1] "b"\n\n'
        'msgctxt "plural"\nmsgid "livro"\nmsgid_plural "livros"\nmsgstr[0] "livros"\nmsgstr[1] "livro"\n\n'
        'msgid "Twice"\nmsgstr "1"\n\nmsgid "Twice"\nmsgstr "2"\n\n#~ msgid "Old"\n#~ msgstr "Velho"\n'
    )
    content = read_file(path)
    assert content.language == "pt-br"
    assert states(content) == {"Open ## menu": ("Abrir", "", False), "Twice": ("2", "", False)}
    assert content.words[0].forms == ("livros",)
    assert len(content.skipped) == 3
    assert "line 11" in content.skipped[0]


@pytest.mark.parametrize("language", ["it", "ru", "pl", "ar", "cy", "ga", "sl", "ja", "kw", "br", "mt", "lv"])
def test_tr_18_plural_header_says_the_rule(language):
    rule = rule_for(language)
    header = plural_header(rule)
    forms = [f"form {number}" for number in range(rule.nplurals)]
    assert forms_in_order(header, forms, rule) == forms
    import gettext

    choose = gettext.c2py(header.partition("plural=")[2].rstrip(";"))
    assert [choose(number) for number in NUMBERS] == [rule.get_plural_id(number) for number in NUMBERS]


def test_tr_18_forms_in_another_order():
    """TR-18: Arabic as gettext usually has it, zero first."""
    header = (
        "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"
    )
    forms = ["zero", "one", "two", "few", "many", "other"]
    rule = rule_for("ar")
    ordered = forms_in_order(header, forms, rule)
    assert ordered[rule.get_plural_id(0)] == "zero"
    assert ordered[rule.get_plural_id(11)] == "many"
    assert ordered[rule.get_plural_id(100)] == "other"
    assert forms_in_order("nplurals=2; plural=__import__('os');", ["a", "b"], rule_for("it")) == ["a", "b"]


def test_tr_18_spreadsheets_get_no_formulas(app, tmp_path):
    """TR-18: a text that looks like a formula stays a text."""
    import openpyxl

    export_language(app, "ar", tmp_path / "ar.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "ar.xlsx").active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    export_language(app, "ar", tmp_path / "ar.csv")
    source = (tmp_path / "ar.csv").read_text("utf-8-sig")
    assert ",=SUM" not in source
    assert ",'=SUM(A1)" in source


def test_tr_18_csv_as_spreadsheets_save_it(tmp_path):
    """TR-18: semicolons, UTF-16, heads in another order, CRLF in cells, empty rows."""
    path = tmp_path / "x.csv"
    path.write_bytes('translation;KEY\r\n\r\n"a\r\nb";k1\r\nc;k2\r\n'.encode("utf-16"))
    assert states(read_file(path, "it")) == {"k1": ("a\nb", "", False), "k2": ("c", "", False)}


BAD = [
    ("x.po", b'msgid "a"\nmsgstr "b\nmsgid "c"\n', "line 2: not a line of a PO file"),
    ("x.po", b'msgid "a"\nmsgstr "\xff\xfe"\n', "line 2: not utf-8 text"),
    ("x.po", b"{'a': 'b'}", "not a PO file"),
    (
        "x.po",
        b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=none-such\\n"\n',
        "encoding none-such",
    ),
    ("x.csv", b"", "heads key and translation are missing"),
    ("x.csv", b"a,b\n1,2\n", "line 1: the heads"),
    ("x.csv", b"key,translation\nk,\xe0\n", "line 2: not UTF-8"),
    ("x.csv", b'key,translation\nk,v\nz,"open\n', "line 3"),
    ("x.csv", b"key,translation\nk,v\n,w\n", "line 3: the key is missing"),
    ("x.csv", b"kind,key,translation\nsong,k,v\n", "line 2: the kind 'song'"),
    ("x.csv", b"key,translation\nk,{U+FFFFFF}\n", "line 2: {U+FFFFFF} is no character"),
    ("x.xlsx", b"PK\x03\x04broken", "not a workbook"),
    ("x.xlf", b"<xliff version='1.2'><file></xliff>", "line 1: not XML"),
    ("x.xlf", b"<html/>", "holds <html>"),
    ("x.xlf", b"<xliff version='2.0'/>", "XLIFF 2.0"),
    ("x.xlf", b"<xliff version='1.2'>\n<file><body>\n<trans-unit/></body></file></xliff>", "line 3: a unit"),
    ("x.xlf", b"<a>" * 100, "nested too deeply"),
    ("x.odt", b"", "the ending tells the format"),
]


@pytest.mark.parametrize(("name", "source", "message"), BAD)
def test_tr_18_bad_files_tell_where(tmp_path, name, source, message):
    """TR-18: what cannot be read says file and line, as an error for a person."""
    (tmp_path / name).write_bytes(source)
    with pytest.raises(UserError) as caught:
        read_file(tmp_path / name, "it")
    assert message in str(caught.value)
    assert name in str(caught.value)


def test_tr_18_xml_gives_no_entities(tmp_path):
    """TR-18: neither external files nor expanding entities are read."""
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    path = tmp_path / "x.xlf"
    path.write_text(
        f'<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>\n'
        '<xliff version="1.2"><file><body><trans-unit id="1"><source>&e;</source></trans-unit></body></file></xliff>'
    )
    with pytest.raises(ExchangeError, match="line 2: has a document type"):
        read_file(path, "it")


def test_tr_18_xlsx_bombs_and_entities_are_refused(tmp_path):
    path = tmp_path / "x.xlsx"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><workbook/>")
    path.write_bytes(buffer.getvalue())
    with pytest.raises(ExchangeError, match="declares entities"):
        read_file(path, "it")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(260_000_000))
    path.write_bytes(buffer.getvalue())
    with pytest.raises(ExchangeError, match="unpacks to 260 MB"):
        read_file(path, "it")


def test_tr_18_xlsx_says_what_does_not_fit(app, tmp_path):
    write_dict(app / "languages" / "it.py", {"key": "x" * 40_000})
    with pytest.raises(ExchangeError, match="'key': 40000 characters"):
        export_language(app, "it", tmp_path / "it.xlsx")
    assert not (tmp_path / "it.xlsx").exists()


@pytest.fixture
def italian(app: Path) -> Path:
    write_dict(
        app / "languages" / "it.py",
        {"Save": "Salva", "Open": "Open", "Hi %s": "Ciao %s", "Bye": "Arrivederci", "Kept": "Tenuto"},
    )
    return app


def incoming(**texts: str) -> Content:
    return Content("it", [Entry(key.replace("_", " "), text) for key, text in texts.items()])


def test_tr_18_the_difference_comes_first(italian):
    """TR-18: what would be added, translated, changed; nothing is written by asking."""
    content = incoming(Save="Salva", Open="Apri", Bye="Addio", Fresh="Fresco")
    content.entries.append(Entry("Hi %s", "Ciao %(name)s"))
    content.entries.append(Entry("Kept", ""))
    before = (italian / "languages" / "it.py").read_bytes()
    diff = compare(italian, content)
    assert {change.key: change.kind for change in diff.texts} == {
        "Open": "translated", "Bye": "changed", "Fresh": "added", "Hi %s": "changed",
    }  # fmt: skip
    assert "%s is missing" in next(c for c in diff.texts if c.key == "Hi %s").findings[0].message
    assert diff.unchanged == 2
    assert (italian / "languages" / "it.py").read_bytes() == before


def test_tr_18_only_what_was_chosen_is_written(italian):
    diff = compare(italian, incoming(Open="Apri", Bye="Addio", Fresh="Fresco"))
    done = apply(diff, keys={"Open", "Fresh"})
    texts = read_dict(italian / "languages" / "it.py")
    assert done.texts == 2
    assert (texts["Open"], texts["Bye"], texts["Fresh"], texts["Kept"]) == (
        "Apri",
        "Arrivederci",
        "Fresco",
        "Tenuto",
    )


def test_tr_18_keys_changed_meanwhile_are_left(italian):
    """TR-18: between difference and writing the running application may write the same file."""
    diff = compare(italian, incoming(Open="Apri", Bye="Addio"))
    texts = read_dict(italian / "languages" / "it.py")
    write_dict(italian / "languages" / "it.py", {**texts, "Bye": "Ciao", "New": "New"})
    done = apply(diff)
    after = read_dict(italian / "languages" / "it.py")
    assert done.left == ["Bye"]
    assert (after["Open"], after["Bye"], after["New"]) == ("Apri", "Ciao", "New")


def test_tr_19_import_never_writes_a_broken_file(italian):
    """TR-19: a language file that cannot be read stays byte for byte."""
    path = italian / "languages" / "it.py"
    diff = compare(italian, incoming(Open="Apri"))
    path.write_bytes(b"{'a': open('x')}")
    with pytest.raises(CorruptedFile):
        apply(diff)
    with pytest.raises(CorruptedFile):
        compare(italian, incoming(Open="Apri"))
    assert path.read_bytes() == b"{'a': open('x')}"


def test_tr_18_language_must_be_known(italian):
    with pytest.raises(UserError, match="does not tell its language"):
        compare(italian, Content(""))
    with pytest.raises(UserError):
        compare(italian, Content("../../etc"))
    with pytest.raises(UserError, match="no language file"):
        gather(italian, "xx")
