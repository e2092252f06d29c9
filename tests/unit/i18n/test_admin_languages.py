"""Search of strings and upkeep of language files (T-03, T-20, NAMES-02; TR-01, TR-07, TR-08, TR-19)."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.admin.languages import findT, near_matches, scan, statistics, update_all_languages
from runtime.admin.languages_scan import Place
from runtime.foundation.problems import UserError
from runtime.i18n import CorruptedFile, TranslatorFactory, read_dict, write_dict


@pytest.fixture
def app(tmp_path: Path) -> Path:
    files = {
        "models/db.py": "a = T('model')\nlabel = T('two '\n  'parts')\n",
        "controllers/default.py": (
            "def index():\n"
            "    T('hi %s' % name)\n    T(f'hi {name}')\n    T('hi {}'.format(1))\n    T(variable)\n    T()\n"
            "    return dict(a=T(message='keyword'), b=T.M('**bold**'), c=T('joined' + ' text', lazy=False))\n"
        ),
        "modules/helper.py": "from gluon import current\nx = current.T('module')\ny = current.T.M('m')\n",
        "private/job.py": "T('private ## comment')\n",
        "views/default/index.html": (
            "{{extend 'layout.html'}}\n<h1>{{=T('heading')}}</h1>\n{{if T('condition'):}}\n"
            "{{for x in [T('loop')]:}}{{=T(\"it's\")}}{{pass}}{{pass}}\n{{\nx = T('block')\n}}\n<p>T('no code')</p>\n"
        ),
        "views/default/index.load": "{{=T.M('part')}}",
        "views/.hidden.html": "{{=T('hidden')}}",
        "static/x.py": "T('static')",
        "languages/it.py": "{'model': 'modello', '!langcode!': 'it', '!langname!': 'Italiano', 'headings': 'titoli'}",
        "languages/default.py": "{}",
    }
    for name, text in files.items():
        path = tmp_path / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "shop"


KEYS = {
    "model", "two parts", "keyword", "@markmin\x01**bold**", "joined text", "module", "@markmin\x01m",
    "private ## comment", "heading", "condition", "loop", "it's", "block", "@markmin\x01part",
}  # fmt: skip


def test_t_20_finds_every_constant_with_file_and_line(app):
    result = scan(app)
    assert set(result.places) == KEYS
    assert result.sources.problems == {}
    assert result.places["two parts"] == [Place("models/db.py", 2)]
    assert result.places["loop"] == [Place("views/default/index.html", 4)]
    assert result.places["block"] == [Place("views/default/index.html", 6)]
    assert result.places["keyword"] == [Place("controllers/default.py", 7)]


def test_t_03_texts_filled_in_before_translation_are_warned_about(app):
    warned = [place for place, _ in scan(app).sources.warnings]
    assert warned == [Place("controllers/default.py", line) for line in (2, 3, 4)]


def test_t_20_new_unused_and_near(app):
    changes = scan(app).files["it"]
    assert "model" not in changes.new
    assert len(changes.new) == len(KEYS) - 1
    assert changes.unused == ["headings"], "what names the language is no string"
    assert [(match.new, match.unused) for match in changes.near] == [("heading", "headings")]


def test_t_20_update_adds_to_every_file_and_keeps_translations(app):
    update_all_languages(app)
    for name in ("it", "default"):
        assert set(read_dict(app / "languages" / f"{name}.py")) >= KEYS
    texts = read_dict(app / "languages" / "it.py")
    assert (texts["model"], texts["headings"], texts["!langname!"]) == ("modello", "titoli", "Italiano")
    assert (texts["private ## comment"], texts["@markmin\x01part"]) == ("private", "part")
    assert scan(app).files["it"].new == []


def test_t_20_new_string_in_a_view(app):
    update_all_languages(app)
    (app / "views" / "new.html").write_text("{{=T('x')}}")
    update_all_languages(str(app) + "/")
    assert "x" in read_dict(app / "languages" / "it.py")
    assert "x" in read_dict(app / "languages" / "default.py")


def test_t_20_unused_strings_go_only_when_chosen(app):
    result = scan(app)
    update_all_languages(app, remove_unused=True, found=result)
    assert "headings" not in read_dict(app / "languages" / "it.py")
    assert "!langcode!" in read_dict(app / "languages" / "it.py")


def test_tr_19_broken_file_is_named_and_left_alone(app):
    broken = app / "languages" / "fr.py"
    broken.write_text("{'a': 'b',\n'c' 'd'}")
    result = update_all_languages(app)
    assert "fr.py, line 2" in result.files["fr"].problem
    assert broken.read_text() == "{'a': 'b',\n'c' 'd'}"
    assert "model" in read_dict(app / "languages" / "default.py")
    assert "fr.py" in statistics(app)["fr"].problem
    with pytest.raises(CorruptedFile):
        findT(app, "fr")


def test_t_20_find_t_makes_the_file(app):
    findT(app, "pt-BR")
    texts = read_dict(app / "languages" / "pt-br.py")
    assert (texts["!langcode!"], texts["model"]) == ("pt-br", "model")
    with pytest.raises(UserError, match="not the name of a language"):
        findT(app, "../x")
    with pytest.raises(UserError, match="no application folder"):
        scan(app / "absent")


def test_t_20_sources_with_errors_still_give_their_strings(app):
    (app / "models" / "bad.py").write_text("a = T('first')\ndef (:\nb = T.M('second', 1)\nT('a' % x)\n")
    (app / "views" / "bad.html").write_text("{{=T('unclosed')}} {{if x:}} {{=T('more')")
    (app / "models" / "latin.py").write_bytes(b"T('\xe8')")
    result = scan(app)
    assert {"first", "@markmin\x01second", "unclosed"} <= set(result.places)
    assert result.places["@markmin\x01second"] == [Place("models/bad.py", 3)]
    assert set(result.sources.problems) == {"models/bad.py", "views/bad.html", "models/latin.py"}
    assert "line 2" in result.sources.problems["models/bad.py"]


def test_t_20_other_delimiters(app):
    (app / "views" / "square.html").write_text("[[=T('square')]]")
    assert "square" in scan(app, delimiters=("[[", "]]")).places


def test_tr_07_progress_and_cancelling(app):
    seen: list[tuple[int, int]] = []
    scan(app, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(number, 6) for number in range(1, 7)]
    result = scan(
        app, cancelled=lambda: len(seen) > 6, progress=lambda done, total: seen.append((done, total))
    )
    assert not result.sources.complete
    assert (result.sources.files, result.files) == (1, {})


def test_t_17_scan_and_files_may_space_comments_differently(app):
    write_dict(app / "languages" / "it.py", {"private##comment": "privato"})
    assert "private ## comment" not in scan(app).files["it"].new
    assert scan(app).files["it"].unused == []


def test_tr_01_statistics(app):
    write_dict(
        app / "languages" / "it.py",
        {
            "a": "b",
            "same": "same",
            "c ## d": "c",
            "@markmin\x01m": "m",
            "e": "",
            "!langname!": "Italiano",
            "f": "g",
        },
    )
    found = statistics(app, scan(app))["it"]
    assert (found.name, found.total, found.translated, found.untranslated, found.percent) == (
        "Italiano",
        6,
        2,
        4,
        33,
    )
    assert found.unused == 5, "all but the one for a module's T.M('m')"
    assert found.rule.nplurals == 2
    assert statistics(app)["default"].percent == 100


def test_what_a_scan_writes_is_what_t_looks_up(app):
    update_all_languages(app)
    path = app / "languages" / "it.py"
    write_dict(path, {key: f"<{value}>" for key, value in read_dict(path).items()})
    T = TranslatorFactory(str(app / "languages"), "it")
    assert str(T("private ## comment")) == "<private>"
    assert str(T("two parts")) == "<two parts>"


def test_near_matches_ignore_what_is_different():
    assert near_matches(["save the file"], ["save this file", "quit"])[0].unused == "save this file"
    assert near_matches(["a"], ["zzz"]) == []
