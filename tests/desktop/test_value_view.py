"""The viewer of values as a person uses it: tree, table, text (UI-CA-05, UI-DB-06)."""

from __future__ import annotations

import json
import threading

import pytest
from data_site import lines_of
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from desktop.background import Tasks
from desktop.widgets.value import view as view_module
from desktop.widgets.value.tree_view import MOST_OPENED
from desktop.widgets.value.view import FIRST, Value, ValueView
from runtime.admin.value_tree import pack, tree_text

NESTED = {"name": "Lamp", "parts": [{"id": 1, "of": {"wood": "oak"}}, [1, 2]], "none": None}


@pytest.fixture
def view(qtbot, theme, qapp):
    tasks = Tasks(qapp)
    made = ValueView(theme, "test.value", tasks)
    qtbot.addWidget(made)
    made.resize(520, 500)
    made.show()
    yield made
    tasks.close()


def text_value(data) -> Value:
    text = json.dumps(data)
    return Value(text=text, size=len(text))


def python_value(data) -> Value:
    return Value(
        text=repr(data)[:100], python=repr(data)[:100], size=100, packed=pack(tree_text(data)), typed=True
    )


def shown_tabs(view) -> list[str]:
    return [id for id, tab in view.tabs.items() if tab.isVisible()]


def test_the_best_form_is_chosen_and_the_others_stay_reachable(view):
    """UI-CA-05: a table for records, a tree for other containers, text for texts, hex for bytes."""
    view.show_value(text_value([{"id": 1}, {"id": 2}]))
    assert view.form() == "table"
    assert view.forms() == ["tree", "table", "text", "json"]
    view.show_value(text_value(NESTED))
    assert (view.form(), view.forms()) == ("tree", ["tree", "text", "json"])
    view.show_value(Value(text="<b>{", size=4))
    assert (view.form(), view.forms()) == ("text", ["text", "hex"])
    view.show_value(Value(data=b"\0\1", size=2))
    assert view.text.toPlainText().startswith("00000000  00 01")
    view.show_value(Value(null=True))
    assert (view.forms(), view.text.placeholderText()) == (["text"], "NULL")
    view.show_value(text_value(NESTED))
    view.show_form("text")
    assert view.text.toPlainText() == json.dumps(NESTED)
    view.show_form("json")
    assert view.text.toPlainText() == json.dumps(NESTED, indent=2)
    view.show_value(text_value([{"id": 1}, {"id": 2}]))
    assert view.form() == "json", "what was chosen is kept where there is such a form"
    view.show_value(Value(text='{"a": ', size=6))
    assert view.form() == "text"
    assert view.cut_words.whole() == "No tree: a value is missing in line 1, at letter 6"


def test_lines_are_opened_by_key_mouse_and_level(view, qtbot):
    """UI-CA-05: fold, expand all or to a level; keys, values, types."""
    view.show_value(text_value(NESTED))
    tree = view.tree.tree
    assert lines_of(tree) == [
        ("name", '"Lamp"', "str"),
        ("parts", "2 items", "list"),
        ("none", "null", "null"),
    ]
    index = tree.model().index(1, 0)
    qtbot.mouseClick(
        tree.viewport(), Qt.MouseButton.LeftButton,
        pos=tree.visualRect(index).topLeft() + tree.rect().topLeft().__class__(16, 12),
    )  # fmt: skip
    assert tree.isExpanded(index)
    tree.setCurrentIndex(index)
    qtbot.keyClick(tree, Qt.Key.Key_Left)
    assert len(lines_of(tree)) == 3
    view.tree.open_levels(2)
    assert [key for key, _, _ in lines_of(tree)] == ["name", "parts", "0", "id", "of", "1", "0", "1", "none"]
    view.tree.open_levels(1_000_000)
    assert ("wood", '"oak"', "str") in lines_of(tree)
    view.tree.open_levels(0)
    assert len(lines_of(tree)) == 3


def test_values_and_ways_are_copied(view, qtbot):
    """UI-CA-05: copy value, copy path."""
    view.show_value(python_value({"a": {("x", 1): ["one\ntwo"]}}))
    view.tree.open_levels(10)
    tree = view.tree.tree
    view.tree.tree.reveal((0, 0, 0))
    assert view.tree.path.whole() == '["a"][["x", 1]][0]'
    clipboard = QGuiApplication.clipboard()
    qtbot.mouseClick(view.tree.copy_path, Qt.MouseButton.LeftButton)
    assert clipboard.text() == '["a"][["x", 1]][0]'
    tree.setFocus()
    qtbot.keyClick(tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: clipboard.text() == "one\ntwo", timeout=10000)
    assert view.tree.text.toPlainText() == "one\ntwo", "a text of several lines has a box of its own"
    tree.reveal((0,))
    view.tree.copy_value()
    qtbot.waitUntil(lambda: clipboard.text().startswith("{\n"), timeout=10000)
    assert json.loads(clipboard.text()) == {'["x", 1]': ["one\ntwo"]}


def test_search_goes_from_place_to_place(view, qtbot):
    """UI-CA-05: search inside, next and previous, round and round; what is found is opened."""
    view.show_value(text_value({"rows": [{"name": "lamp"}] * 3000, "lamp": 1}))
    qtbot.keyClicks(view.tree.field, "LAMP")
    qtbot.waitUntil(lambda: view.tree.count.text().startswith("1 of"), timeout=10000)
    assert view.tree.count.text().replace("\N{THIN SPACE}", "") == "1 of 3001"
    assert view.tree.path.whole() == '["rows"][0]["name"]'
    qtbot.keyClick(view.tree.field, Qt.Key.Key_Return)
    assert view.tree.path.whole() == '["rows"][1]["name"]'
    qtbot.mouseClick(view.tree.before, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(view.tree.before, Qt.MouseButton.LeftButton)
    assert view.tree.path.whole() == '["lamp"]', "from the first to the last"
    qtbot.mouseClick(view.tree.before, Qt.MouseButton.LeftButton)
    assert view.tree.path.whole() == '["rows"][2999]["name"]'
    view.tree.field.setText("zzz")
    qtbot.waitUntil(lambda: view.tree.count.text() == "none", timeout=10000)
    assert not view.tree.next.isEnabled()


def test_large_values_are_taken_apart_in_the_background(view, qtbot, monkeypatch):
    """UI-CA-05: 100 000 elements: never on the thread of the window, shown as text meanwhile, made when opened."""
    threads, go_on = [], threading.Event()
    real = view_module.take_apart

    def take_apart(*given):
        threads.append(threading.current_thread() is threading.main_thread())
        assert go_on.wait(30)
        return real(*given)

    monkeypatch.setattr(view_module, "take_apart", take_apart)
    view.show_value(text_value([{"id": at, "tags": ["a"]} for at in range(100_000)]))
    assert view.is_reading()
    assert "apart" in view.wait_words.text()
    qtbot.mouseClick(view.stop, Qt.MouseButton.LeftButton)
    assert view.form() == "text"
    assert len(view.text.toPlainText().replace("\n", "")) == FIRST
    view.show_form("tree")
    go_on.set()
    qtbot.waitUntil(lambda: not view.is_reading(), timeout=30000)
    assert threads == [False]
    tree = view.tree.tree
    assert len(lines_of(tree)) == 100, "groups of a thousand"
    root = tree.parts_model.root
    assert [len(one._children or []) for one in root.children()[:3]] == [0, 0, 0]
    view.tree.open_levels(10)
    assert tree.shown_lines(20_000) <= MOST_OPENED
    assert "there are more" in view.tree.path.whole()
    view.show_form("table")
    assert view.table.model.rowCount() == 100_000
    view.show_form("json")
    qtbot.waitUntil(lambda: view.text.toPlainText().startswith("[\n  {"), timeout=60000)


def test_another_value_takes_the_place_of_one_that_is_read(view, qtbot):
    """A value that comes while another is taken apart is the one that is shown."""
    view.show_value(text_value(list(range(200_000))))
    view.show_value(text_value({"a": 1}))
    assert lines_of(view.tree.tree) == [("a", "1", "int")]
    qtbot.wait(1)
    qtbot.waitUntil(lambda: not view._tasks.under_way(), timeout=30000)
    assert lines_of(view.tree.tree) == [("a", "1", "int")]


def test_a_table_is_ordered_and_copied(view, qtbot):
    """UI-CA-05: heads order, rows are copied as CSV and TSV, all or those chosen."""
    view.show_value(python_value([{"name": "b", "n": 2}, {"name": "a", "n": 10}, {"name": "c"}]))
    page = view.table
    assert [page.model.headerData(at, Qt.Orientation.Horizontal) for at in range(2)] == ["name", "n"]
    page.head.sectionClicked.emit(1)
    assert [page.model.index(at, 0).data() for at in range(3)] == ["b", "a", "c"]
    page.head.sectionClicked.emit(1)
    assert [page.model.index(at, 0).data() for at in range(3)] == ["a", "b", "c"], (
        "what is missing stays last"
    )
    clipboard = QGuiApplication.clipboard()
    page.copy("csv")
    qtbot.waitUntil(lambda: clipboard.text() == "name,n\na,10\nb,2\nc,\n", timeout=10000)
    page.table.selectRow(0)
    page.table.selectionModel().select(
        page.model.index(2, 0), page.table.selectionModel().SelectionFlag.Select | page.table.selectionModel().SelectionFlag.Rows
    )  # fmt: skip
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: clipboard.text() == "name\tn\na\t10\nc\t\n", timeout=10000)


def test_long_texts_come_piece_by_piece_and_only_when_wanted(view, qtbot):
    """UI-CA-05: cut at 64 kB with Load all; very long lines are broken, which is told."""
    text = "x" * 300_000 + "\nend"
    view.show_value(Value(text=text, size=len(text)))
    assert view.cut_words.whole() == "First 66 kB of 300 kB"
    asked = []
    view.whole_wanted.connect(lambda: asked.append(1))
    qtbot.mouseClick(view.load_all, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(view.text.is_complete, timeout=30000)
    assert view.text.toPlainText().replace("\n", "") == text.replace("\n", "")
    assert view.cut_words.whole() == "Very long lines are broken here"
    assert not asked, "all of it was here"
    view.show_value(Value(text="abc", size=5000))
    qtbot.mouseClick(view.load_all, Qt.MouseButton.LeftButton)
    assert asked == [1]


def test_tabs_without_room_are_in_a_menu(view, qtbot):
    """SH-22: in a narrow pane or with large letters no tab is cut; the one that is on is always seen."""
    view.show_value(python_value([{"id": 1}, {"id": 2}]))
    view.resize(200, 400)
    view.show_form("python")
    assert "python" in shown_tabs(view)
    assert view.others.isVisible()
    view.resize(700, 400)
    qtbot.waitUntil(lambda: shown_tabs(view) == ["tree", "table", "text", "python"], timeout=5000)
    assert not view.others.isVisible()


def test_what_was_left_out_is_told(view):
    """UI-CA-05: limits in plain words."""
    view.show_value(Value(text="[]", size=2, packed=pack(tree_text(list(range(10)), 4)), typed=True))
    assert view.form() == "tree"
    view.show_value(Value(text="[...", size=-1, parts_fault="Its parts are more than 16 MB as a text."))
    assert view.cut_words.whole() == "First 4 B, there is more"
    view.show_value(python_value({"list": [1, 2, 3]}))
    packed = pack(tree_text({"list": list(range(9))}, 4))
    view.show_value(Value(text="", size=0, packed=packed, typed=True))
    assert lines_of(view.tree.tree)[0][1] == "3 items, 6 more left out"
