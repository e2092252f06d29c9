"""Which language is used, and what `T` shows (T-01..T-18, NAMES-02, REQ-25, AMB-11)."""

from __future__ import annotations

import logging
import os
import time

import pytest

from runtime.i18n import TranslatorFactory, lazyT, read_dict, settings, write_dict
from runtime.i18n.accept import accepted_languages, chain

IT = {"hello": "ciao", "hi %s": "salve %s", "hi %(n)s": "salve %(n)s"}


def test_names_02_t_without_files_shows_the_source(tmp_path):
    T = TranslatorFactory(str(tmp_path / "absent"), "it")
    assert str(T("x")) == "x"
    assert not (tmp_path / "absent").exists()


def test_t_01_accept_language_chooses_the_file(make):
    assert str(make("it", it=IT)("hello")) == "ciao"


def test_t_02_t_03_all_forms_translate_the_template_first(make):
    T = make("it", it=IT)
    forms = [T("hi %s", ("A",)), T("hi %(n)s", {"n": "A"}), T("hi %s") % ("A",), T("hi %(n)s") % {"n": "A"}]
    assert [str(form) for form in forms] == ["salve A"] * 4
    off = make(None)
    assert str(off("hi %s", "A")) == str(off("hi %(n)s") % {"n": "A"}) == "hi A"
    assert set(IT) == set(read_dict(T.language_file)), "no filled-in text became a key"


def test_t_05_preference_order_decides(make):
    files = {"it": {"hello": "ciao"}, "fr": {"hello": "bonjour"}}
    assert make("it, fr;q=0.5", **files).accepted_language == "it"
    assert make("it;q=0.3, fr;q=0.5").accepted_language == "fr"
    assert make("it;q=0, fr;q=0.1").accepted_language == "fr"
    assert make("de, fr;q=0.2, *;q=0.1").accepted_language == "fr"


@pytest.mark.parametrize(
    "header", ["", ";;;", "it;q=abc", ",,,", "\x00\xff", "q=1", "*", "it;q=nan", "../../x"]
)
def test_t_05_malformed_headers_are_no_wish(header):
    assert accepted_languages(header) == ()


def test_t_06_t_13_force_works_on_lazy_texts_made_before(make):
    T = make(None, it={"hello": "ciao"}, it_it={"hello": "ciao a tutti"})
    early = T("hello")
    assert str(early) == "hello"
    T.force("it-it")
    assert str(early) == "ciao a tutti"
    T.force("it")
    assert str(early) == "ciao"


def test_t_06_force_takes_several_names(make):
    T = make(None, it={"hello": "ciao"})
    assert T.force("xx", "it-CH") == ("xx", "it-ch")
    assert T.accepted_language == "it"
    T.force("xx, it;q=0.5")
    assert str(T("hello")) == "ciao"


def test_req_25_force_with_the_language_of_the_url(make):
    T = make("it", it={"hello": "ciao"}, fr={"hello": "bonjour"})
    T.force("fr")
    assert str(T("hello")) == "bonjour"


def test_t_07_force_none_switches_off(make):
    T = make("it", it={"hello": "ciao"}, default={"hello": "hullo"})
    T.force(None)
    assert str(T("hello")) == "hello"
    assert T.language_file == ""


def test_t_08_language_of_one_string(make):
    T = make("en", it_it={"Hello": "Salve"})
    T.set_current_languages("en")
    assert str(T("Hello", language="it-it")) == "Salve"
    assert T("Hello", language="it-it", lazy=False) == "Salve"
    assert str(T("Hello")) == "Hello"


def test_t_09_fallback_to_shorter_names_then_default(make):
    assert make("it-ch", it={"hello": "ciao"}).accepted_language == "it"
    assert chain("zh-hant-tw") == ("zh-hant-tw", "zh-hant", "zh")
    T = make("zz", default={"hello": "hullo"})
    assert str(T("hello")) == "hullo"
    assert str(T("nowhere")) == "nowhere"


def test_amb_11_each_language_goes_through_its_own_chain(make):
    files = {"it": {"hello": "ciao"}, "fr": {"hello": "bonjour"}}
    assert make("it-ch, fr;q=0.9", **files).accepted_language == "it"
    T = make("en, it")
    T.set_current_languages("en")
    assert T.accepted_language == "en"


def test_t_10_names_are_separate_and_lower_case(make):
    T = make("IT-IT", it={"hello": "ciao"}, it_it={"hello": "ciao a tutti"})
    assert (T.accepted_language, str(T("hello"))) == ("it-it", "ciao a tutti")
    assert str(make("it")("hello")) == "ciao"
    os.remove(os.path.join(T.langpath, "it.py"))
    assert str(make("it")("hello")) == "hello"


def test_t_11_current_languages_end_the_search(make):
    T = make("en, it", it={"hello": "ciao"})
    assert str(T("hello")) == "ciao"
    T.set_current_languages("en", "en-en")
    assert T.current_languages == ["en", "en-en"]
    assert str(T("hello")) == "hello"


def test_t_11_set_current_languages_reads_files_again(make):
    settings.check_interval = 1000
    T = make("it", it={"hello": "ciao"})
    assert str(T("hello")) == "ciao"
    write_dict(T.language_file, {"hello": "salve"})
    T.set_current_languages("en")
    assert str(T("hello")) == "salve"


def test_t_11_default_file_says_the_source_language(make):
    T = make("en-us, it", it={"hello": "ciao"}, default={"!langcode!": "en-us", "hello": "howdy"})
    assert T.current_languages == ["en-us"]
    assert (T.accepted_language, str(T("hello"))) == ("en-us", "howdy")


def test_t_12_accepted_language(make):
    assert make("it", it={"hello": "ciao"}).accepted_language == "it"
    assert make("xx").accepted_language == "en"
    assert make("it, fr;q=0.5").requested_languages == ("it", "fr")
    assert make("it, fr;q=0.5").http_accept_language == "it, fr;q=0.5"


def test_t_14_not_lazy(make):
    T = make(None, it={"hello": "ciao"})
    T.lazy = False
    early = T("hello")
    T.force("it")
    assert type(early) is str
    assert early == "hello"
    T.lazy = True
    assert type(T("hello", lazy=False)) is str
    assert isinstance(T("hello"), lazyT)


def test_t_15_unknown_text_is_added(make):
    T = make("it", it={"hello": "ciao"})
    assert str(T("brand new")) == "brand new"
    assert read_dict(T.language_file) == {"hello": "ciao", "brand new": "brand new"}


def test_t_15_text_of_the_default_file_is_the_proposal(make):
    T = make("it", it={}, default={"new": "from default"})
    assert str(T("new")) == "from default"
    assert read_dict(T.language_file)["new"] == "from default"


def test_t_16_is_writable_false_and_production_never_write(make, langpath):
    T = make("it", it={"hello": "ciao"})
    before = (langpath / "it.py").read_bytes()
    T.is_writable = False
    assert str(T("brand new")) == "brand new"
    assert T("again", lazy=False, language="it") == "again"
    settings.use_production()
    T.is_writable = True
    assert str(T("brand new")) == "brand new"
    assert (langpath / "it.py").read_bytes() == before
    settings.use_production(False)
    assert str(T("brand new")) == "brand new"
    assert "brand new" in read_dict(langpath / "it.py"), (
        "a text shown before is added once writing is allowed"
    )


def test_t_15_unwritable_file_does_not_break_the_page(make, monkeypatch, caplog):
    T = make("it", it={"hello": "ciao"})
    monkeypatch.setattr("runtime.i18n.files.write_atomic", _refuse)
    assert str(T("brand new")) == "brand new"
    assert str(T("second")) == "second"
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 1


def _refuse(*arguments, **options):
    raise PermissionError(13, "Permission denied")


def test_t_17_comments_tell_strings_apart(make):
    T = make(None, it={"open ## door": "apri", "open ## shop": "aperto"})
    texts = [T("open ## door"), T("open ## shop")]
    assert [str(text) for text in texts] == ["open", "open"]
    T.force("it")
    assert [str(text) for text in texts] == ["apri", "aperto"]
    assert str(T("close ## door")) == "close"
    assert "close ## door" in read_dict(T.language_file)
    assert str(T("hello ## world## token")) == "hello ## world"


def test_t_17_keys_with_tight_comments_are_found(make):
    assert str(make("it", it={"open##door": "apri"})("open ## door")) == "apri"


def test_t_17_untranslated_entry_with_its_comment_shows_none(make):
    assert str(make("it", it={"open ## door": "open ## door"})("open ## door")) == "open"


def test_t_18_markup_texts_have_no_comments(make):
    T = make("it", it={})
    for text in ("## Title", "# a ## b", "one\ntwo ## three"):
        assert str(T(text)) == text


def test_t_21_edit_is_seen_by_the_next_request(make, langpath):
    assert str(make("it", it={"hello": "ciao"})("hello")) == "ciao"
    for text in ("salv", "ehil", "ecco"):  # same length, same moment
        (langpath / "it.py").write_text(f"{{'hello': '{text}'}}")
        assert str(make("it")("hello")) == text
    (langpath / "fr.py").write_text("{'hello': 'bonjour'}")
    assert str(make("fr")("hello")) == "bonjour"


def test_t_21_edit_within_one_tick_of_the_clock_is_seen(make, langpath):
    """Same size, same inode, same time stamp: a file that young is not trusted."""
    path = langpath / "it.py"
    moment = time.time_ns() + 10**10
    for text in ("ciao", "ecco"):
        path.write_text(f"{{'hello': '{text}'}}")
        os.utime(path, ns=(moment, moment))
        assert str(make("it")("hello")) == text


def test_t_21_files_are_read_once(make, monkeypatch):
    settings.check_interval = 1000
    T = make("it", it={"hello": "ciao"})
    assert str(T("hello")) == "ciao"

    def no_disk(*arguments, **options):
        raise AssertionError("the disk was touched")

    for name in ("stat", "listdir", "open"):
        monkeypatch.setattr(os, name, no_disk)
    monkeypatch.setattr("builtins.open", no_disk)
    T = TranslatorFactory(T.langpath, "it")
    T.is_writable = False
    assert (str(T("hello")), str(T("hi %s", 1))) == ("ciao", "hi 1")


def test_t_21_a_request_that_shows_no_text_looks_at_no_file(make, monkeypatch):
    path = make("it", it={"hello": "ciao"}).langpath
    looked, stat = [], os.stat

    def watch(name, *arguments, **options):
        looked.append(name)
        return stat(name, *arguments, **options)

    monkeypatch.setattr(os, "stat", watch)
    T = TranslatorFactory(path, "it")
    mark = T("hello")
    assert looked == []
    assert str(mark) == "ciao"
    assert path in looked


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("accepted_language", "it"),
        ("current_languages", ["de"]),
        ("requested_languages", ("it", "fr")),
        ("plural_language", "it"),
        ("nplurals", 2),
    ],
)
def test_t_12_each_attribute_may_be_the_first_that_is_asked_for(make, name, value):
    """T-11, T-12"""
    texts = {"default": {"!langcode!": "de"}, "it": {"hello": "ciao"}}
    assert getattr(make("it, fr;q=0.5", **texts), name) == value
    assert make("it").language_file.endswith("it.py")
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(make("it"), "no_such_name")


def test_t_19_file_with_broken_syntax_shows_sources_and_is_left_alone(make, langpath, caplog):
    broken = "{'hello': 'ciao',\n 'x': }\n"
    (langpath / "it.py").write_text(broken)
    T = make("it")
    assert (str(T("hello")), str(T("new"))) == ("hello", "new")
    assert str(make("it")("hello")) == "hello"
    assert (langpath / "it.py").read_text() == broken
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == 1
    assert "it.py, line 2" in messages[0]


def test_t_02_translation_that_does_not_fit_falls_back_to_the_source(make, caplog):
    T = make("it", it={"hi %(n)s": "salve %(nome)s", "a %s": "a %s %s", "50%": "50"})
    assert str(T("hi %(n)s", {"n": "A"})) == "hi A"
    assert str(T("a %s", 1)) == "a 1"
    assert str(T("hi %(n)s", {"n": "B"})) == "hi B"
    assert len(caplog.records) == 2


def test_t_02_source_that_does_not_fit_names_the_text(make):
    T = make(None)
    with pytest.raises(KeyError, match=r"hi %\(n\)s"):
        str(T("hi %(n)s", {"m": 1}))
    with pytest.raises(TypeError, match="two %s %s"):
        str(T("two %s %s", 1))


def test_t_02_values_are_never_looked_at_for_placeholders(make):
    T = make(None)
    assert str(T("%(a)s %%{cat(n)}", {"a": "%%{dog(n)} %s", "n": 2})) == "%%{dog(n)} %s cats"


def test_possible_languages(make):
    T = make("it", it={"!langname!": "Italiano", "!langcode!": "it"}, sl={}, plural_sl={"miza": ["mizi"]})
    T.set_current_languages("en")
    assert T.get_possible_languages() == ["en", "it", "sl"]
    info = T.get_possible_languages_info("sl")
    assert (info.langcode, info.nplurals, info.pluraldict_fname) == ("sl", 4, "plural-sl.py")
    assert info.get_plural_id(3) == 2
    assert T.get_possible_languages_info("it")[:2] == ("it", "Italiano")
    assert T.get_possible_languages_info("it").pluraldict_mtime == 0
    assert T.get_possible_languages_info("xx") is None
    assert set(T.get_possible_languages_info()) == {"en", "it", "sl", "default"}


@pytest.mark.parametrize(("message", "text"), [(None, ""), (b"caf\xc3\xa9", "café"), (5, "5"), ("", "")])
def test_t_15_anything_can_be_translated(make, message, text):
    T = make("it", it={})
    assert str(T(message)) == text
    assert str(T(T(message))) == text
