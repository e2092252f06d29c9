"""Placeholders, word forms and plural rules (T-PL-01..20, LIB-27, AMB-12..14)."""

from __future__ import annotations

import importlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.i18n import (
    TranslatorFactory,
    plural_rules,
    read_plural_dict,
    rule_for,
    settings,
    write_plural_dict,
)
from runtime.i18n.placeholders import Plan, compile_text, count_values, whole_number
from runtime.i18n.word_forms import BUILDERS


@pytest.fixture
def T(make):
    return make(None)


def shown(T, message, symbols=None):
    return str(T(message, symbols))


def test_t_pl_01_symbols_switch_it_on(T):
    assert str(T("You have %s %%{book}", symbols=10)) == "You have 10 books"
    assert shown(T, "You have %s %%{book}", 1) == "You have 1 book"
    assert shown(T, "You have %s %%{book}", 0) == "You have 0 books"


def test_t_pl_02_t_pl_17_dictionary_then_rule(make, langpath):
    T = make(None, plural_en={"cow": ["kine"]})
    assert shown(T, "%s %%{cow}", 2) == "2 kine"
    (langpath / "plural-en.py").unlink()
    assert shown(TranslatorFactory(str(langpath), None), "%s %%{cow}", 2) == "2 cows"


@pytest.mark.parametrize("symbols", [2, (2,), [2], {"n": 2}])
def test_t_pl_03_kinds_of_symbols(T, symbols):
    message = "%(n)s %%{cat}" if isinstance(symbols, dict) else "%s %%{cat}"
    assert shown(T, message, symbols) == "2 cats"


def test_t_pl_03_several_values(T):
    assert shown(T, "%s %%{cat}, %s %%{dog[1]}", (2, 1)) == "2 cats, 1 dog"
    assert shown(T, "%s %%{cat}, %s %%{dog[1]}", [1, 2]) == "1 cat, 2 dogs"


@pytest.mark.parametrize(
    ("placeholder", "one", "four"),
    [
        ("%%{cat}", "cat", "cats"),
        ("%%{big cat}", "big cat", "big cats"),
        ("%%{cat[0]}", "cat", "cats"),
        ("%%{!cat[0]}", "Cat", "Cats"),
        ("%%{!!big cat[0]}", "Big Cat", "Big Cats"),
        ("%%{!!!cat[0]}", "CAT", "CATS"),
        ("%%{cat(1)}", "cat", "cat"),
        ("%%{!cat(4)}", "Cats", "Cats"),
        ("%%{!cat}", "Cat", "Cat"),
    ],
)
def test_t_pl_04_grammar_with_a_tuple(T, placeholder, one, four):
    assert shown(T, "%s " + placeholder, 1) == "1 " + one
    assert shown(T, "%s " + placeholder, 4) == "4 " + four


@pytest.mark.parametrize(
    ("placeholder", "one", "four"),
    [
        ("%%{cat(n)}", "cat", "cats"),
        ("%%{!!cat(n)}", "Cat", "Cats"),
        ("%%{?one?many?none(n)}", "one", "many"),
    ],
)
def test_t_pl_04_grammar_with_a_dictionary(T, placeholder, one, four):
    assert shown(T, placeholder, {"n": 1}) == one
    assert shown(T, placeholder, {"n": 4}) == four


def test_t_pl_05_plain_word_is_index_0(T):
    assert shown(T, "%s %%{cat}", 2) == shown(T, "%s %%{cat[0]}", 2) == "2 cats"


def test_t_pl_06_index(T):
    assert shown(T, "%s x %s %%{cat[1]}", (1, 3)) == "1 x 3 cats"


def test_t_pl_07_key(T):
    assert shown(T, "%(who)s %(n)s %%{word(n)}", {"who": "a", "n": 20}) == "a 20 words"


def test_t_pl_08_number_in_place(T):
    assert shown(T, "%%{cat(%i)}", 2) == "cats"
    assert shown(T, "%s %%{cat(3)}", 1) == "1 cats"
    assert shown(T, "%%{cat(%(n)s)}", {"n": 1}) == "cat"


@pytest.mark.parametrize("index", ["", "[0]"])
@pytest.mark.parametrize("words", [{}, {"this": ["these"], "is": ["are"]}])
def test_t_pl_09_amb_12_shared_index(make, index, words):
    T = make(None, plural_en=words)
    message = f"%%{{this{index}}} %%{{is{index}}} %s %%{{book{index}}}"
    assert [shown(T, message, n) for n in (1, 2, 3)] == [
        "this is 1 book",
        "these are 2 books",
        "these are 3 books",
    ]


def test_t_pl_10_word_or_number(T):
    message = "%%{this} %%{is} %%{?a?%s} %%{book}"
    assert shown(T, message, 1) == "this is a book"
    assert shown(T, message, 2) == "these are 2 books"
    assert shown(T, "%%{?a?%(n)s} %%{book(n)}", {"n": 5}) == "5 books"


@pytest.mark.parametrize("placeholder", ["%%{?%s}", "%%{??%s}"])
def test_t_pl_11_nothing_for_one(T, placeholder):
    assert [shown(T, placeholder + "x", n) for n in (1, 5, 0)] == ["x", "5x", "0x"]


def test_t_pl_12_third_text_for_zero(T):
    assert [shown(T, "%%{?one?%s?none}", n) for n in (0, 1, 4)] == ["none", "one", "4"]
    message = "%%{?one item?many items?no items[0]}"
    assert [shown(T, message, n) for n in (0, 1, 4)] == ["no items", "one item", "many items"]
    assert [shown(T, "%s: " + message, n) for n in (0, 4)] == ["0: no items", "4: many items"]
    assert shown(T, "%%{?one?many[0]}", 0) == "many"


def test_t_pl_13_modifiers(T):
    assert shown(T, "%s %%{!cat[0]}", 2) == "2 Cats"
    assert shown(T, "%s %%{!!big cat[0]}", 2) == "2 Big Cats"
    assert shown(T, "%s %%{!!!cat[0]}", 2) == "2 CATS"


def test_t_pl_14_modifier_without_parameter(T):
    assert str(T("%s %%{!cat}", symbols=2)) == "2 Cat"


def test_t_pl_15_amb_13_escape(T):
    assert str(T("%s %%{\\!cat}", symbols=1)) == "1 !cat"
    assert str(T("%s %%{\\?cat}", symbols=2)) == "2 ?cats"


def test_t_pl_16_english_and_slovenian(make):
    assert [rule_for("en").get_plural_id(n) for n in (0, 1, 2, 5)] == [1, 0, 1, 1]
    sl = rule_for("sl")
    assert sl.nplurals == 4
    assert [sl.get_plural_id(n) for n in (1, 2, 3, 4, 5, 101, 102, 111)] == [0, 1, 2, 2, 3, 0, 1, 3]
    T = make("sl", sl={"%s %%{table}": "%s %%{miza}"}, plural_sl={"miza": ["mizi", "mize", "miz"]})
    assert [shown(T, "%s %%{table}", n) for n in (1, 2, 3, 5)] == ["1 miza", "2 mizi", "3 mize", "5 miz"]


def test_t_pl_16_rules_of_an_application(make, langpath):
    folder = langpath.parent / "modules" / "plural_rules"
    folder.mkdir(parents=True)
    (folder / "tlh.py").write_text(
        "nplurals = 2\nget_plural_id = lambda n: int(n != 1)\n"
        "construct_plural_form = lambda word, plural_id: word + 'mey'\n"
    )
    T = make("tlh", tlh={"%s %%{book}": "%s %%{paq}"})
    assert shown(T, "%s %%{book}", 3) == "3 paqmey"
    assert T.plural_language == "tlh"


def test_t_pl_16_broken_rule_file_is_reported_and_not_used(make, langpath, caplog):
    folder = langpath.parent / "modules" / "plural_rules"
    folder.mkdir(parents=True)
    (folder / "en.py").write_text("nplurals = 0\nget_plural_id = None\n")
    assert shown(make(None), "%s %%{cat}", 2) == "2 cats"
    assert "en.py is not used" in caplog.text


def test_amb_14_rules_as_names_of_a_module():
    assert plural_rules.sl.nplurals == 4
    assert plural_rules.pt_pt.get_plural_id(0) == 1
    with pytest.raises(AttributeError):
        importlib.import_module("runtime.i18n.plural_rules").no_language


def test_t_pl_18_unknown_word_is_built_and_written(make, langpath):
    T = make(None)
    assert shown(T, "%s %%{book}", 2) == "2 books"
    assert read_plural_dict(langpath / "plural-en.py") == {"book": ["books"]}
    write_plural_dict(langpath / "plural-en.py", {"book": ["tomes"]})
    assert shown(make(None), "%s %%{book}", 2) == "2 tomes"


def test_t_pl_18_not_written_when_not_writable(make, langpath):
    T = make(None)
    T.is_writable = False
    assert shown(T, "%s %%{book}", 2) == "2 books"
    settings.use_production()
    T.is_writable = True
    assert shown(T, "%s %%{pen}", 2) == "2 pens"
    assert not (langpath / "plural-en.py").exists()


def test_t_pl_18_broken_dictionary_is_not_written(make, langpath):
    (langpath / "plural-en.py").write_text("{'a': 'b'}")
    assert shown(make(None), "%s %%{book}", 2) == "2 books"
    assert (langpath / "plural-en.py").read_text() == "{'a': 'b'}"


def test_t_pl_17_dictionary_with_fewer_forms_than_the_rule(make):
    T = make("he", he={}, plural_he={"sefer": ["sfarim"], "ish": []})
    assert [shown(T, "%s %%{sefer}", n) for n in (1, 2, 7)] == ["1 sefer", "2 sfarim", "7 sfarim"]
    assert shown(T, "%s %%{ish}", 7) == "7 ish"


def test_t_pl_19_no_rule_no_plural(make):
    T = make("xx", xx={"%s %%{book}": "%s %%{buk}"})
    assert shown(T, "%s %%{book}", 5) == "5 buk"
    assert (T.nplurals, T.plural_language) == (1, "default")


def test_t_pl_20_text_without_symbols_is_not_touched(T):
    for text in ("%%{cat}", "50% off", "%s %(n)s", "100%"):
        assert str(T(text)) == text


@pytest.mark.parametrize(
    "body",
    ["", "[0]", "!", "!!!!x", "a[x]", "a(b", "a)b", "cat[0](n)", "?", "??", "?a?b", "?a?b?c?d[0]", "a[0]b"],
)
def test_t_pl_20_outside_of_the_grammar_is_left(T, body):
    assert shown(T, "%s %%{" + body + "}", 1) == "1 %%{" + body + "}"


def test_percent_formatting_stays_what_it_is(T):
    assert shown(T, "%d%% of %05.1f|%-4s|%r", (5, 2.25, "a", "b")) == "5% of 002.2|a   |'b'"
    assert shown(T, "%*d %%{cat[1]}", (5, 2)) == "    2 cats"


def test_clear_messages_for_values_that_do_not_fit(T):
    with pytest.raises(IndexError, match="needs 4 values, 1 given"):
        shown(T, "%s %%{cat[3]}", 1)
    with pytest.raises(KeyError, match="dictionary"):
        shown(T, "%s %%{cat(n)}", 1)
    with pytest.raises(ValueError, match="a plural form needs a number, not 'x'"):
        shown(T, "%s %%{cat}", "x")
    with pytest.raises(TypeError, match="takes 2 values"):
        shown(T, "%s %s %%{cat}", 1)


@pytest.mark.parametrize(
    ("value", "number"),
    [(1, 1), (-1, 1), ("3", 3), (1.0, 1), (1.5, 2), (0.5, 0), (2.5, 2), (True, 1), (10**30, 10**30)],
)
def test_numbers_of_words(value, number):
    assert whole_number(value) == number


def test_plural_of_a_word(make):
    T = make(None)
    assert [T.plural("cat", n) for n in (0, 1, 2)] == ["cats", "cat", "cats"]
    assert T.plural("", 2) == ""
    assert T.params_substitution("%s %%{cat}", 2) == "2 cats"
    assert T.translate("%s %%{cat}", 1) == "1 cat"


@pytest.mark.parametrize(
    ("language", "pairs"),
    [
        ("en", "cat cats box boxes city cities day days church churches quiz quizzes man men Mouse Mice "
               "hero heroes photo photos stomach stomachs sheep sheep CAT CATS CITY CITIES wolf wolves roof roofs"),
        ("fr", "livre livres cheval chevaux bateau bateaux jeu jeux nez nez bal bals"),
        ("es", "libro libros flor flores luz luces canción canciones lunes lunes"),
        ("it", "libro libri casa case mese mesi amica amiche figlio figli città città"),
        ("pt", "livro livros mulher mulheres homem homens animal animais ação ações"),
    ],
)  # fmt: skip
def test_t_pl_16_regular_word_forms(language, pairs):
    words = iter(pairs.split())
    for word, plural in zip(words, words):
        assert BUILDERS[language](word, 1) == plural


def test_t_pl_16_phrase_inflects_its_last_word():
    assert BUILDERS["en"]("big box!", 1) == "big boxes!"


def test_lib_27_rules_agree_with_cldr():
    """Every language CLDR knows: same groups of numbers, singular = the group of 1."""
    babel = pytest.importorskip("babel")
    from babel import localedata

    checked = 0
    for name in localedata.locale_identifiers():
        if "_" in name and name != "pt_PT":
            continue
        cldr = babel.Locale.parse(name).plural_form
        rule = rule_for(name.replace("_", "-").lower())
        groups: dict[str, set[int]] = {}
        for n in [*range(1001), 10000, 100000, 1000001, 123456]:
            groups.setdefault(cldr(n), set()).add(rule.get_plural_id(n))
        ids = [next(iter(found)) for found in groups.values() if len(found) == 1]
        assert len(ids) == len(groups) == len(set(ids)), name
        assert all(0 <= number < rule.nplurals for number in ids), name
        assert rule.get_plural_id(1) == 0, name
        checked += 1
    assert checked > 300


def test_lib_27_commonly_shipped_languages_have_a_rule():
    for code in "bg cs de en es fr he hi hu id it ja lt ms my nl pl pt ro ru sk sl sr sv tr uk zh".split():
        rule = rule_for(code)
        assert rule.language == code
        assert isinstance(rule.construct_plural_form("x", 1), str)
    assert rule_for("pt-br").language == "pt"
    assert rule_for("zh-hant-tw").nplurals == 1


def test_examples_of_forms():
    assert plural_rules.examples(rule_for("sl")) == [[1, 101, 201], [2, 102, 202], [3, 4, 103], [0, 5, 6]]


parts = st.sampled_from(
    ["%", "%%", "{", "}", "%%{", "?", "!", "\\", "[0]", "(n)", "(%i)", "%s", "%(n)s", "a", " ", "é", "*"]
)


@given(st.one_of(st.text(), st.lists(parts, max_size=12).map("".join)))
@example("%%{?%s?%s?%s(%i)}")
def test_t_pl_04_parser_never_raises(text):
    plan = Plan(text)
    assert plan.count >= 0


@given(st.lists(parts, max_size=10).map("".join), st.one_of(st.integers(), st.text(max_size=3)))
def test_t_pl_20_rendering_fails_only_with_documented_errors(text, value):
    for values in ((value,), {"n": value}):
        try:
            result = compile_text(text).render(values, lambda word, n: word)
        except (TypeError, ValueError, KeyError, IndexError):
            continue
        assert isinstance(result, str)


@given(
    st.lists(st.sampled_from(["%s", "%%", "%d", " x", "%5d", "%.2f", "%*d", "%x"]), max_size=8).map("".join)
)
def test_t_pl_08_counts_what_python_takes(text):
    count = count_values(text)
    text % ((3,) * count)
    with pytest.raises(TypeError):
        text % ((3,) * (count + 1))


def test_amb_14_rules_by_their_documented_path():
    """AMB-14: ``from gluon.contrib.plural_rules import sl``."""
    from gluon.contrib.plural_rules import pt_br, sl

    assert sl.nplurals == 4
    assert (pt_br.get_plural_id(1), pt_br.get_plural_id(2)) == (0, 1)
    with pytest.raises(ImportError):
        from gluon.contrib.plural_rules import xx  # noqa: F401  there is none
