"""Checks of translations and marks of translators (TR-03, TR-05)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.admin.languages_checks import check, different_terms, marked_parts
from runtime.admin.languages_marks import MARKS_NAME, change_marks, load_marks
from runtime.foundation.problems import UserError

CASES = [
    (
        "Hello %(name)s",
        "Ciao %(nome)s",
        "placeholders",
        "%(name)s is missing, %(nome)s is unknown",
        "Ciao %(name)s",
    ),
    ("Page %s of %d", "Pagina %d di %s", "placeholders", "keep their order: %s, %d", None),
    ("Page %s of %s", "Pagina %s", "placeholders", "%s is missing", "Pagina %s %s"),
    ("{user} left", "{utente} via", "placeholders", "{user} is missing", "{user} via"),
    ("%s %%{book}", "%s libri", "plural", "no plural word stands for %%{book}", None),
    ("%s and %s %%{book[1]}", "%s e %s %%{libro[2]}", "plural", "%%{libro[2]} takes its number", None),
    ("%s %%{book}", "%s %%{libro} %{x}", "plural", "not closed", None),
    ("Read <b>this</b>", "Leggi questo", "tags", "markup: <b>, </b> are missing", None),
    ("See [[here http://x]]", "Vedi qui", "tags", "[[link]] is missing", None),
    ("Name: ", "Nome:", "spaces", "the source ends with a space", "Nome: "),
    ("Name", " Nome", "spaces", "the translation begins with a space", "Nome"),
    ("a\n", "b", "spaces", "the source ends with a line end", "b\n"),
    ("one\ntwo", "uno due", "lines", "the source has 2 lines, the translation 1", None),
    ("Done.", "Fatto", "punctuation", "the source ends with .", "Fatto."),
    ("Sure?", "Sicuro.", "punctuation", "the source ends with ?", "Sicuro?"),
    ("Done", "Fatto.", "punctuation", "the translation ends with .", "Fatto"),
    ("(a) b", "(a b", "brackets", "( and ) do not pair", None),
    ("a b", "a  c", "double spaces", "two spaces", "a c"),
    ("a long enough source", "x" * 80, "length", "4 times as long", None),
    ("a long enough source", "x", "length", "much shorter", None),
    ("a", "b\x07", "control characters", "U+0007", "b"),
    ("a", "\u202bb", "direction", "opened and not closed", "b"),
]


@pytest.mark.parametrize(("source", "text", "name", "message", "fixed"), CASES)
def test_tr_05_each_check(source, text, name, message, fixed):
    """TR-05: found, said in a sentence, mended where that can be known, and silent when ignored."""
    found = [finding for finding in check(source, text) if finding.check == name]
    assert found, check(source, text)
    assert message in found[0].message
    assert found[0].fixed == fixed
    assert [finding for finding in check(source, text, {name}) if finding.check == name] == []


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("Hello %(name)s, %s", "%(name)s, ciao: %s"),
        ("Save ## button", "Salva"),
        ("%s %%{book}", "%s %%{libro}"),
        ("100%%", "100%%"),
        ("Done.", "完了。"),
        ("Sure?", "هل أنت متأكد؟"),
        ("Wait...", "Attendi…"),
        ("anything", ""),
        ("same", "same"),
        ("@markmin\x01**bold**", "**grassetto**"),
        ("%(a)s before %(b)s", "%(b)s dopo %(a)s"),
    ],
)
def test_tr_05_nothing_to_say(key, text):
    assert check(key, text) == []


@given(st.text(st.sampled_from("%({s)}[] <b>\n.!a\u202e"), max_size=25), st.text(max_size=25))
def test_tr_05_never_fails_and_a_fix_mends_its_check(source, text):
    """TR-05: whatever is typed; what *Fix* gives has one finding of that kind less, or another."""
    for finding in check(source, text):
        assert finding.message
        if finding.fixed is not None:
            assert finding.fixed != text


def test_tr_06_parts_to_colour():
    text = "Hello %(name)s, you have %s%%{message} {count} 100%"
    parts = [text[start:end] for start, end in marked_parts(text)]
    assert parts == ["%(name)s", "%s", "%%{message}", "{count}"]


def test_tr_05_same_term_differently():
    texts = {"Save": "Salva", "save": "Memorizza", "Save.": "Salva.", "Open": "Apri", "open": "apri"}
    assert different_terms(texts) == {"Save": "Memorizza", "save": "Salva", "Save.": "Memorizza"}


def test_tr_03_marks_are_kept_and_merged(tmp_path: Path):
    """TR-03: two editors of one folder do not lose each other's marks."""
    change_marks(tmp_path, lambda marks: marks.same.update(it={"OK"}))
    change_marks(tmp_path, lambda marks: marks.notes.update({"OK": "button"}))
    marks = load_marks(tmp_path)
    assert (marks.same, marks.notes) == ({"it": {"OK"}}, {"OK": "button"})
    marks.copy_language("it", "it-ch")
    marks.drop_language("it")
    assert marks.same == {"it-ch": {"OK"}}


@pytest.mark.parametrize("text", ["{broken", "[]", '{"same": {"it": [1]}}', '{"notes": 3}', "\xff"])
def test_tr_19_broken_marks_are_never_overwritten(tmp_path: Path, text):
    path = tmp_path / MARKS_NAME
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError, match=r"\.editor\.json"):
        change_marks(tmp_path, lambda marks: marks.notes.update(a="b"))
    assert path.read_bytes() == text.encode("latin-1")


def test_marks_of_surrogates(tmp_path: Path):
    change_marks(tmp_path, lambda marks: marks.notes.update({"\ud800": "x"}))
    assert json.loads((tmp_path / MARKS_NAME).read_bytes())
    assert load_marks(tmp_path).notes == {"\ud800": "x"}
