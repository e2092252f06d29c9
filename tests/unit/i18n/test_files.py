"""Language files and files of word forms (T-15, T-19, T-PL-17)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.i18n import CorruptedFile, read_dict, read_plural_dict, write_dict, write_plural_dict
from runtime.i18n.files import load_texts, merge_texts, merge_words, parse_dict, remove_keys

ROOT = Path(__file__).parents[3]


def test_t_19_format_is_one_dictionary_in_utf_8(tmp_path):
    path = tmp_path / "it.py"
    write_dict(path, {"b": "è", "A": "'\"\n"})
    assert path.read_bytes().decode() == "# -*- coding: utf-8 -*-\n{\n'A': '\\'\"\\n',\n'b': 'è',\n}\n"
    assert read_dict(path) == {"b": "è", "A": "'\"\n"}
    assert read_dict(tmp_path / "absent.py") == {}


def test_t_pl_17_format_of_word_forms(tmp_path):
    path = tmp_path / "plural-en.py"
    write_plural_dict(path, {"mouse": ["mice"]})
    assert "'mouse': ['mice'],\n" in path.read_text()
    assert read_plural_dict(path) == {"mouse": ["mice"]}


@pytest.mark.parametrize(
    "source",
    [
        "{'è': 'é'}".encode(),
        b"\xef\xbb\xbf" + "{'è': 'é'}".encode(),
        "# -*- coding: utf-8 -*-\r\n{\r\n'è': 'é',\r\n}\r\n".encode(),
        "#!/usr/bin/env python\n# coding: latin-1\n{'è': 'é'}".encode("latin-1"),
        "\n\n  {'è': u'é'}\n\n# the end\n".encode(),
        "{'è':\n 'é'}\r".encode(),
    ],
)
def test_t_19_byte_order_mark_line_ends_and_encodings(tmp_path, source):
    (tmp_path / "it.py").write_bytes(source)
    assert read_dict(tmp_path / "it.py") == {"è": "é"}


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"{'a': 'b',\n'c' 'd'}", "it.py, line 2"),
        (b"{'a': 'b',\n'c': '\xe8'}", "it.py, line 2: not utf-8 text; save the file as UTF-8"),
        (b"{'a': '\xe8'}", "it.py, line 1: not utf-8 text"),
        (b"# coding: klingon\n{}", "klingon"),
        (b"{'a': __import__('os').system('true')}", "not a plain dictionary"),
        (b"{'a': 1}", "the value of 'a' is not a text"),
        (b"{1: 'a'}", "the value of 1 is not a text"),
        (b"['a']", "holds a list"),
        (b"{'a': 'b'\x00}", "null"),
        (b"{" * 5000, ""),
        (b"{[]: 'a'}", "not a plain dictionary"),
        (b"import os", "line 1"),
    ],
)
def test_t_19_corrupted_files_say_why_and_are_never_written(tmp_path, source, reason):
    path = tmp_path / "it.py"
    path.write_bytes(source)
    texts = read_dict(path)
    assert list(texts) == ["__corrupted__"]
    assert reason in texts["__corrupted__"]
    write_dict(path, texts)
    with pytest.raises(CorruptedFile):
        merge_texts(path, {"new": "new"})
    with pytest.raises(CorruptedFile):
        remove_keys(path, ["a"])
    assert path.read_bytes() == source


def test_t_pl_17_corrupted_word_forms(tmp_path):
    path = tmp_path / "plural-en.py"
    path.write_text("{'a': 'b'}")
    assert "not a list of texts" in read_plural_dict(path)["__corrupted__"]
    with pytest.raises(CorruptedFile):
        merge_words(path, {"c": ["d"]})


def test_t_19_files_are_never_executed(tmp_path):
    mark = tmp_path / "mark"
    (tmp_path / "it.py").write_text(f"open({str(mark)!r}, 'w')\n{{}}")
    assert "__corrupted__" in read_dict(tmp_path / "it.py")
    assert not mark.exists()


def test_t_19_folder_in_place_of_a_file(tmp_path):
    (tmp_path / "it.py").mkdir()
    assert "cannot be read" in read_dict(tmp_path / "it.py")["__corrupted__"]


def test_t_15_merging_keeps_what_the_file_holds(tmp_path):
    path = tmp_path / "it.py"
    write_dict(path, {"a": "1", "b": "2"})
    assert merge_texts(path, {"b": "other", "c": "3"}) == {"a": "1", "b": "2", "c": "3"} == read_dict(path)
    assert merge_texts(path, {"b": "other"}, replace=True)["b"] == "other"
    assert remove_keys(path, ["a", "zz"]) == {"b": "other", "c": "3"} == read_dict(path)


def test_t_15_nothing_new_does_not_touch_the_file(tmp_path):
    path = tmp_path / "it.py"
    path.write_text("{'a': '1'}  # as somebody wrote it")
    merge_texts(path, {"a": "2"})
    assert path.read_text().endswith("wrote it")


texts = st.dictionaries(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)), max_size=8)


@given(texts)
def test_t_19_round_trip_of_any_text(content):
    content.pop("__corrupted__", None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "it.py")
        write_dict(path, content)
        assert read_dict(path) == content


@given(st.dictionaries(st.text(), st.lists(st.text(), max_size=4), max_size=5))
def test_t_pl_17_round_trip_of_any_words(content):
    content.pop("__corrupted__", None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "plural-en.py")
        write_plural_dict(path, content)
        assert read_plural_dict(path) == content


@given(
    st.one_of(st.binary(max_size=60), st.text(alphabet="{}'\":,ab\\#[]()\n\r u", max_size=40).map(str.encode))
)
def test_t_19_any_bytes_are_read_or_refused(source):
    try:
        found = parse_dict(source, "x")
    except CorruptedFile as error:
        found = {"reason": str(error)}
    assert isinstance(found, dict)
    assert "reason" not in found or str(found["reason"]).startswith("x")


ADDER = """
import sys
from runtime.i18n import TranslatorFactory
T = TranslatorFactory(sys.argv[1], "it")
for number in range(15):
    assert str(T(f"text {sys.argv[2]} {number}"))
    assert str(T("%s %%{word" + sys.argv[2] + "x" + str(number) + "}", 2))
"""


def test_t_15_t_pl_18_eight_processes_lose_nothing_and_readers_see_whole_files(tmp_path):
    write_dict(tmp_path / "it.py", {"!langcode!": "it", "kept": "tenuto"})
    broken: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            for name, reader in (("it.py", read_dict), ("plural-it.py", read_plural_dict)):
                broken.extend(reader(tmp_path / name).get("__corrupted__", ()))
            if "kept" not in read_dict(tmp_path / "it.py"):
                broken.append("an empty file was seen")
            time.sleep(0.005)

    reader = threading.Thread(target=read)
    reader.start()
    command = [sys.executable, "-c", ADDER, str(tmp_path)]
    started = [subprocess.Popen([*command, str(number)], cwd=ROOT) for number in range(8)]
    try:
        codes = [process.wait(timeout=100) for process in started]
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
        done.set()
        reader.join()
    assert codes == [0] * 8
    assert broken == []
    found = load_texts(tmp_path / "it.py")
    assert {f"text {who} {number}" for who in range(8) for number in range(15)} <= set(found)
    assert found["kept"] == "tenuto"
    words = read_plural_dict(tmp_path / "plural-it.py")
    assert {f"word{who}x{number}" for who in range(8) for number in range(15)} == set(words)
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".tmp")]


def test_t_15_threads_of_one_process_lose_nothing(make):
    make("it", it={})

    def add(who: int) -> None:
        T = make("it")
        for number in range(10):
            str(T(f"text {who} {number}"))

    threads = [threading.Thread(target=add, args=(who,)) for who in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_dict(make("it").language_file)) == 60
