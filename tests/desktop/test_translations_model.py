"""Strings of a language being edited, drafts, merging by key: without a window (TR-01, TR-03, TR-10..14, TR-19)."""

from __future__ import annotations

import json
import multiprocessing
import time
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.panels.translations import bulk, filling, languages, storage
from desktop.panels.translations.memory import Memory
from desktop.panels.translations.model import Query, Sheet, State, Values
from desktop.panels.translations.text import is_right_to_left, one_line
from runtime.admin.languages import scan
from runtime.admin.languages_marks import Marks, change_marks, load_marks
from runtime.admin.languages_pages import page_of
from runtime.admin.languages_scan import Place
from runtime.foundation.problems import UserError
from runtime.i18n import CorruptedFile, read_dict, rule_for
from runtime.i18n.files import load_texts, load_words, merge_texts, write_dict, write_plural_dict

TEXTS = {
    "!langname!": "Italiano",
    "Save": "Salva",
    "Open": "Open",
    "Hi %s": "Ciao",
    "OK": "OK",
    "Fresh": "Fresh",
    "Menu ## top": "Menù",
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "shop" / "controllers").mkdir(parents=True)
    (tmp_path / "shop" / "languages").mkdir()
    write_dict(tmp_path / "shop" / "languages" / "it.py", TEXTS)
    marks = Marks(same={"it": {"OK"}}, new={"it": {"Fresh"}}, notes={"Save": "button"})
    change_marks(tmp_path / "shop" / "languages", lambda kept: vars(kept).update(vars(marks)))
    return tmp_path / "shop"


def opened(app: Path, language: str = "it", data: Path | None = None) -> Sheet:
    sheet = storage.open_language(app, language, data or app.parent / "data").sheet
    sheet.take_faults(sheet.find_faults())
    return sheet


def edit(sheet: Sheet, key: str, text: str) -> None:
    sheet.set_values(key, replace(sheet[key].values, text=text, new=False))


def test_tr_03_states_and_counts(app):
    """TR-03: each string is in one state; the checks make warnings."""
    sheet = opened(app)
    assert {row.key: row.state for row in sheet.rows} == {
        "Save": State.TRANSLATED,
        "Open": State.UNTRANSLATED,
        "Hi %s": State.WARNING,
        "OK": State.SAME,
        "Fresh": State.NEW,
        "Menu ## top": State.TRANSLATED,
    }
    assert sheet.percent == 66
    assert sheet["Menu ## top"].comment == "top"
    sheet.mark_unused(["Save"])
    assert sheet["Save"].state is State.UNUSED
    assert sheet.percent == 60
    edit(sheet, "Hi %s", "Ciao %s")
    assert sheet["Hi %s"].state is State.TRANSLATED


def test_tr_05_same_term_is_noticed_on_both_sides(app):
    sheet = opened(app)
    sheet.add_row("save.", Values("Memorizza"))
    touched = sheet.set_values("save.", Values("Registra"))
    assert touched == {"Save", "save."}
    assert sheet["Save"].state is State.WARNING
    sheet.set_values("Save", replace(sheet["Save"].values, ignored=frozenset({"same term"})))
    assert sheet["Save"].state is State.TRANSLATED


def test_tr_13_search_in_all_texts_and_regex(app):
    """TR-13: source, translation, key, comment, note; words in any order; expressions."""
    sheet = opened(app)

    def found(text: str, regex: bool = False, state: State | None = None) -> set[str]:
        return {row.key for row in sheet.select(state, Query(text, regex))}

    assert found("salva") == {"Save"}
    assert found("BUTTON") == {"Save"}
    assert found("top") == {"Menu ## top"}
    assert found(r"^O", regex=True) == {"Open", "OK"}
    assert found("", state=State.NEW) == {"Fresh"}
    assert found("no such") == set()
    with pytest.raises(Exception, match="unterminated"):
        found("(", regex=True)


def test_tr_13_replace_touches_translations_only(app):
    sheet = opened(app)
    changes = sheet.replaced(Query("a", case=True), "e", sheet.rows)
    assert {row.key: after for row, after in changes} == {"Save": "Selve", "Hi %s": "Cieo"}
    regex = sheet.replaced(Query(r"(\w+)lva", regex=True), r"\1LVA", sheet.rows)
    assert [after for _, after in regex] == ["SaLVA"]
    with pytest.raises(Exception, match="invalid group"):
        sheet.replaced(Query("a", regex=True), r"\9", sheet.rows)


# merging


def test_tr_11_merge_by_key(app):
    """TR-11: what only one side changed is taken; both: a conflict, mine stays until it is settled."""
    sheet = opened(app)
    edit(sheet, "Save", "Conserva")
    edit(sheet, "Open", "Apri")
    merged = sheet.merge({**TEXTS, "Save": "Registra", "Hi %s": "Salve %s", "More": "More"})
    assert (merged.added, merged.changed) == (["More"], ["Hi %s"])
    assert [(one.key, one.mine, one.theirs, one.before) for one in merged.conflicts] == [
        ("Save", "Conserva", "Registra", "Salva")
    ]
    assert sheet["Save"].values.text == "Conserva"
    assert sheet["Open"].values.text == "Apri"
    assert sheet["Hi %s"].state is State.TRANSLATED


def test_tr_11_keys_removed_by_others(app):
    sheet = opened(app)
    edit(sheet, "Save", "Conserva")
    left = {key: text for key, text in TEXTS.items() if key not in ("Save", "Open")}
    write_dict(app / "languages" / "it.py", left)
    merged = sheet.merge(left)
    assert merged.removed == ["Open"]
    assert "Save" in sheet  # what was typed is not thrown away
    written = storage.write(storage.order_of(sheet))
    assert written.texts["Save"] == "Conserva"


def test_tr_11_writing_merges_under_the_lock(app):
    """TR-11: keys the application added between reading and writing stay; a key both changed is not written."""
    sheet = opened(app)
    edit(sheet, "Save", "Conserva")
    edit(sheet, "Open", "Apri")
    sheet.set_values("OK", replace(sheet["OK"].values, note="a note", same=False))
    path = app / "languages" / "it.py"
    merge_texts(path, {"Added": "Added", "Save": "Registra"}, replace=True)
    written = storage.write(storage.order_of(sheet))
    assert [one.key for one in written.conflicts] == ["Save"]
    texts = read_dict(path)
    assert (texts["Added"], texts["Save"], texts["Open"]) == ("Added", "Registra", "Apri")
    marks = load_marks(app / "languages")
    assert marks.notes["OK"] == "a note"
    assert "OK" not in marks.same.get("it", ())
    sheet.take_saved(written.rows, written.words, written.removed)
    merged = sheet.merge(written.texts)
    assert merged.added == ["Added"]
    for conflict in merged.conflicts:
        sheet.settle_conflict(conflict)
    storage.write(storage.order_of(sheet))
    assert read_dict(path)["Save"] == "Conserva"


def test_tr_19_a_broken_file_is_never_written(app):
    """TR-19: opening says where; writing refuses; the bytes stay."""
    sheet = opened(app)
    edit(sheet, "Save", "Conserva")
    path = app / "languages" / "it.py"
    path.write_bytes(b"{'a': 'b',\n 'c': __import__('os').system('touch /tmp/never')}")
    with pytest.raises(CorruptedFile):
        storage.write(storage.order_of(sheet))
    with pytest.raises(CorruptedFile):
        opened(app)
    assert path.read_bytes().startswith(b"{'a': 'b'")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"\xef\xbb\xbf{'Save': 'Salva \xc3\xa8'}", "Salva è"),
        (b"{\r\n'Save': 'Salva',\r\n}\r\n", "Salva"),
        (b"# -*- coding: latin-1 -*-\n{'Save': 'Salva \xe8'}", "Salva è"),
        (b"{'Save': 'old', 'Save': 'Salva'}", "Salva"),
        ("{'Save': '\u202bحفظ\u202c'}".encode(), "\u202bحفظ\u202c"),
        (b"{'Save': 'a\\x07b'}", "a\x07b"),
    ],
)
def test_tr_19_odd_files_are_read(app, source, expected):
    """Byte order mark, CRLF, another encoding, double keys, right-to-left text, control characters."""
    (app / "languages" / "it.py").write_bytes(source)
    assert opened(app)["Save"].values.text == expected


@pytest.mark.parametrize(
    "source", [b"{'Save': '\xe8'}", b"{'a': open('x')}", b"['a']", b"{'a': 1}", b"{'a': 'b'"]
)
def test_tr_19_unreadable_files_say_which(app, source):
    (app / "languages" / "it.py").write_bytes(source)
    with pytest.raises(CorruptedFile, match=r"it\.py"):
        opened(app)


def test_file_of_10_mb_opens(app):
    texts = {f"key {number}": "x" * 2000 for number in range(5000)}
    write_dict(app / "languages" / "it.py", texts)
    assert len(opened(app).rows) == 5000


def test_unwritable_folder_says_so(app):
    """A folder nobody can write into: an OSError with its path, the text stays here."""
    sheet = opened(app)
    edit(sheet, "Save", "Conserva")
    order = replace(storage.order_of(sheet), folder=app / "none")
    with pytest.raises(OSError, match="none"):
        storage.write(order)
    assert sheet.dirty


# drafts


def test_tr_10_draft_comes_back_outside_of_the_application(app, tmp_path):
    """TR-10: typed text survives; nothing of it lies in the application's folder."""
    sheet = opened(app)
    edit(sheet, "Open", "Apri \ud800")
    sheet.words["libro"] = ("libri",)
    sheet.remove_row("Save")
    before = {path: path.read_bytes() for path in app.rglob("*") if path.is_file()}
    target = storage.draft_path(tmp_path / "data", sheet.path)
    storage.write_draft(target, storage.draft_of(sheet))
    assert app not in target.parents
    after = {path: path.read_bytes() for path in app.rglob("*") if path.is_file()}
    assert after == before
    draft = storage.open_language(app, "it", tmp_path / "data").draft
    assert draft.rows == {"Open": ("Open", Values("Apri \ud800"))}
    assert (draft.words, draft.removed) == ({"libro": ("libri",)}, ["Save"])
    storage.write_draft(target, storage.Draft())
    assert not target.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"rows": {"a": 1}}', '{"rows": [], "words": {}}'])
def test_tr_10_broken_drafts_are_no_drafts(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    assert not storage.read_draft(tmp_path / "x.json")


# many processes


def add_keys(path: str, number: int, count: int) -> None:
    for at in range(count):
        merge_texts(path, {f"process {number} key {at}": "x"})


def read_in_a_loop(path: str, stop: str, result: str) -> None:
    reads, faults = 0, []
    while not Path(stop).exists():
        try:
            texts = load_texts(path)
            if "Save" not in texts:
                faults.append("a key was missing")
        except CorruptedFile as error:
            faults.append(str(error))
        reads += 1
    Path(result).write_text(json.dumps([reads, faults]))


@pytest.mark.slow
def test_tr_11_eight_processes_and_two_hundred_savings(app, tmp_path):
    """TR-11: while the editor saves 200 times, 8 processes add keys: none is lost, the file always reads."""
    path, stop, result = app / "languages" / "it.py", tmp_path / "stop", tmp_path / "result"
    sheet = opened(app)
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=add_keys, args=(str(path), number, 25)) for number in range(8)]
    reader = context.Process(target=read_in_a_loop, args=(str(path), str(stop), str(result)))
    for process in (reader, *writers):
        process.start()
    try:
        for number in range(200):
            edit(sheet, "Open", f"Apri {number}")
            written = storage.write(storage.order_of(sheet))
            assert written.conflicts == []
            sheet.take_saved(written.rows, written.words, written.removed)
            sheet.merge(written.texts)
        for process in writers:
            process.join(60)
    finally:
        stop.touch()
        reader.join(30)
        for process in (reader, *writers):
            if process.is_alive():
                process.kill()
    texts = load_texts(path)
    wanted = {f"process {number} key {at}" for number in range(8) for at in range(25)}
    assert wanted <= set(texts)
    assert texts["Open"] == "Apri 199"
    assert set(TEXTS) <= set(texts)
    reads, faults = json.loads(result.read_text())
    assert reads > 20
    assert faults == []


# languages


def test_tr_01_list_of_languages(app):
    """TR-01: counts, warnings, same on purpose; a broken file is in the list with its reason."""
    (app / "languages" / "fr.py").write_text("{broken")
    (app / "controllers" / "default.py").write_text("T('Save')")
    lines = {line.counts.language: line for line in languages.list_languages(app, scan(app))}
    quick = {line.counts.language: line for line in languages.list_languages(app, None)}["it"]
    assert (quick.percent, quick.to_go, quick.warnings, quick.counts.unused) == (66, 2, 1, 0)
    italian = lines["it"]  # with the sources at hand unused strings do not count
    assert (italian.counts.name, italian.percent, italian.to_go, italian.warnings) == ("Italiano", 100, 0, 0)
    assert italian.counts.unused == 5
    assert "fr.py" in lines["fr"].counts.problem


def test_tr_01_add_duplicate_rename_bin_restore(app, tmp_path):
    """TR-01: every order and its way back."""
    (app / "controllers" / "default.py").write_text("T('Save')\nT('Two ## comment')")
    data, folder = tmp_path / "data", app / "languages"
    write_plural_dict(folder / "plural-it.py", {"libro": ["libri"]})
    assert languages.add_language(app, "PT_br", "Português") == "pt-br"
    assert read_dict(folder / "pt-br.py") == {
        "!langcode!": "pt-br", "!langname!": "Português", "Save": "Save", "Two ## comment": "Two",
    }  # fmt: skip
    with pytest.raises(UserError, match="already"):
        languages.add_language(app, "pt-br", "")
    with pytest.raises(UserError, match="not the code"):
        languages.add_language(app, "../x", "")
    assert languages.add_language(app, "it-ch", "Ticino", like="it") == "it-ch"
    assert load_words(folder / "plural-it-ch.py") == {"libro": ["libri"]}
    assert load_marks(folder).same["it-ch"] == {"OK"}
    assert languages.rename_language(app, "it-ch", "it-sm", "San Marino") == "it-sm"
    assert not (folder / "it-ch.py").exists()
    assert read_dict(folder / "it-sm.py")["Save"] == "Salva"
    place = languages.bin_language(app, "it", data)
    assert not (folder / "it.py").exists()
    languages.restore_language(app, place)
    assert read_dict(folder / "it.py")["Save"] == "Salva"
    assert load_words(folder / "plural-it.py") == {"libro": ["libri"]}
    place = languages.bin_language(app, "it", data)
    languages.empty_bin(data, now=time.time() + 29 * 86_400)
    assert place.exists()
    languages.empty_bin(data, now=time.time() + 31 * 86_400)
    assert not place.exists()


# bulk work


def test_tr_07_scan_choices(app):
    """TR-07: new, reworded, unused; unused ones are kept unless chosen."""
    sheet = opened(app)
    (app / "controllers" / "default.py").write_text("T('Save it')\nT('Open')\nT('Brand new thing')")
    edit(sheet, "Save", "Salva")
    sheet.add_row("Save this", Values("Salva questo"))
    changes = scan(app)
    merge_texts(app / "languages" / "it.py", {"Save this": "Salva questo"})
    changes = scan(app)
    choices = bulk.scan_choices(sheet, changes.places, changes.files["it"])
    kinds = {choice.source: (choice.what.split(",")[0], choice.on) for choice in choices}
    assert kinds["Brand new thing"] == ("new", True)
    assert kinds["Save it"][0] == "reworded"
    assert kinds["OK"] == ("unused", False)
    steps = bulk.scan_steps(sheet, [choice for choice in choices if choice.on])
    assert steps["Brand new thing"] == (None, Values("Brand new thing", new=True))
    assert steps["Save it"][1] == Values("Salva questo", new=True)
    assert "OK" not in steps


def test_tr_17_fill_from_another_file(app):
    """TR-17: only what is not translated; the same source under a key with a comment counts too."""
    texts = {"Open": "Apri", "Save": "Other", "Fresh ## c": "Fresco", "OK": "Bene"}
    choices = filling.fill_choices(filling.gaps_of(opened(app)), [filling.Source("x", app, texts)])
    assert {choice.source: choice.after for choice in choices} == {"Open": "Apri", "Fresh": "Fresco"}


@pytest.mark.parametrize(
    ("language", "other", "near"),
    [
        ("it", "it", filling.SAME),
        ("it-ch", "it", filling.PARENT),
        ("zh-hant-tw", "zh-hant", filling.PARENT),
        ("zh-hant-tw", "zh", filling.PARENT),
        ("pt", "pt-br", filling.RELATED),
        ("pt-br", "pt-pt", filling.RELATED),
        ("it", "is", None),
        ("it", "fr", None),
        ("it", "default", None),
        ("i", "it", None),
    ],
)
def test_tr_17_languages_that_help(language, other, near):
    """TR-17: the same one, its parents, its relatives."""
    assert filling.nearness(language, other) == near


def test_tr_17_sources_the_nearest_first(tmp_path):
    """TR-17: same language elsewhere, then parents, own application first, then relatives; broken files help nobody."""
    files = {
        "shop/it-ch": {"a": "a"},
        "shop/it": {"a": "uno"},
        "blog/it-ch": {"b": "due", "!langname!": "Ticino"},
        "zoo/it": {"a": "altro", "c": "tre"},
        "zoo/it-sm": {"d": "quattro"},
        "zoo/fr": {"a": "un"},
        "old/it": {"a": "a", "b": ""},
    }
    folders = sorted({tmp_path / name.split("/")[0] for name in files})
    for folder in folders:
        (folder / "languages").mkdir(parents=True)
    for name, texts in files.items():
        write_dict(tmp_path / f"{name.replace('/', '/languages/')}.py", texts)
    (tmp_path / "zoo" / "languages" / "it-va.py").write_text("{'broken")
    (tmp_path / "zoo" / "languages" / "plural-it.py").write_text("{'x': ['y']}")
    found = filling.find_sources(folders, tmp_path / "shop", "it-ch", lambda: None)
    assert [source.where for source in found] == ["blog, it-ch", "shop, it", "zoo, it", "zoo, it-sm"]
    gaps = [filling.Gap(key, key, frozenset()) for key in "abcde"]
    offers = filling.offers_of(gaps, found)
    assert [(offer.where, len(offer.choices)) for offer in offers] == [
        ("All of them", 4), ("blog, it-ch", 1), ("shop, it", 1), ("zoo, it", 2), ("zoo, it-sm", 1),
    ]  # fmt: skip
    assert {one.source: one.after for one in offers[0].choices} == {
        "a": "uno", "b": "due", "c": "tre", "d": "quattro",
    }  # fmt: skip
    assert filling.offers_of(gaps[:1], found[1:2])[0].where == "shop, it"


def test_tr_17_what_the_checks_doubt_is_not_chosen(tmp_path):
    """TR-17, TR-05: a text without the placeholder is shown with its reason, for a person to decide."""
    gap = filling.Gap("Page %s", "Page %s", frozenset())
    source = filling.Source("blog, it", tmp_path, {"Page %s": "Pagina"})
    choice = filling.fill_choices([gap], [source])[0]
    assert (choice.on, choice.what) == (False, "blog, it")
    assert "%s" in choice.warning
    again = filling.fill_choices([gap._replace(ignored=frozenset({"placeholders"}))], [source])[0]
    assert again.on or again.warning


@pytest.mark.parametrize(
    ("places", "page"),
    [
        (["controllers/default.py:3"], "/shop/default/index"),
        (["controllers/default.py:11"], "/shop/default/feed"),
        (["controllers/default.py:7"], "/shop"),  # a function with arguments is no page
        (["controllers/default.py:1"], "/shop"),
        (["views/default/feed.rss"], "/shop/default/feed.rss"),
        (["views/default/index.html"], "/shop/default/index"),
        (["views/layout.html", "models/db.py", "views/default/index.html"], "/shop/default/index"),
        (["views/default/part.html"], "/shop"),
        (["views/gone/index.html", "controllers/broken.py:1", "modules/x.py"], "/shop"),
        ([], "/shop"),
    ],
)
def test_tr_08_the_page_of_a_string(tmp_path, places, page):
    """TR-08: the action around the line, or the one a view is named after."""
    shop = tmp_path / "shop"
    (shop / "controllers").mkdir(parents=True)
    (shop / "controllers/default.py").write_text(
        "import os\ndef index():\n    return T('a')\n\ndef _help(x):\n    y = x\n    return T('b')\n\n"
        "@cache.action()\ndef feed():\n    return T('c')\n"
    )
    (shop / "controllers/broken.py").write_text("def index(:\n")
    parts = [place.partition(":") for place in places]
    found = [Place(file, int(line or 1)) for file, _, line in parts]
    assert page_of(shop, found) == page


def test_tr_14_suggestions_exact_and_near(app, tmp_path):
    """TR-14: from other applications, best first, with percent; broken files are no reason to fail."""
    other = tmp_path / "library" / "languages"
    other.mkdir(parents=True)
    write_dict(other / "it.py", {"Open": "Apri", "Open the file": "Apri il file", "Nothing alike": "Altro"})
    broken = tmp_path / "broken" / "languages"
    broken.mkdir(parents=True)
    (broken / "it.py").write_text("{")
    memory = Memory([app, tmp_path / "library", tmp_path / "broken"], app, "it")
    found = memory.suggest("Open")
    assert [(one.text, one.where, one.likeness) for one in found] == [("Apri", "library", 100)]
    near = memory.suggest("Open the files")
    assert near[0].text == "Apri il file"
    assert 80 < near[0].likeness < 100


def test_tr_12_words_that_need_forms(app):
    sheet = opened(app)
    sheet.words["libro"] = ("libri",)
    edit(sheet, "Hi %s", "%s %%{messaggio} %%{!casa[0]} %%{?a?b[0]} %%{!solo}")
    assert bulk.needed_words(sheet) == ["casa", "libro", "messaggio"]


# how it is shown


def test_tr_06_one_line_and_direction():
    assert one_line("a\nb\x07") == "a ↵ b\N{REPLACEMENT CHARACTER}"
    assert is_right_to_left("%s שלום")
    assert not is_right_to_left("123 abc שלום")
    assert not is_right_to_left("123")


def test_sheet_knows_its_rule(app):
    assert opened(app).rule == rule_for("it")
