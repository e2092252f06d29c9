"""Values without widgets: JSON in short steps, parts, search, tables (UI-CA-05, UI-DB-06)."""

from __future__ import annotations

import gc
import json
import random
import sys

import pytest

from desktop.widgets.value import parsing
from desktop.widgets.value.parsing import JsonProblem, parse
from desktop.widgets.value.parts import GROUP, MOST_FOUND, Parts, copied, find
from desktop.widgets.value.reading import Source, take_apart
from desktop.widgets.value.tabular import MISSING, as_text, in_order, table_of
from runtime.admin.value_tree import pack, tree_text


def made(chance: random.Random, depth: int = 0):
    kind = chance.randrange(7 if depth < 5 else 4)
    if kind == 0:
        return chance.randrange(-(10**6), 10**6)
    if kind == 1:
        return chance.random()
    if kind == 2:
        return 's"\\ù\n' * chance.randrange(6)
    if kind == 3:
        return chance.choice([None, True, False])
    if kind in (4, 5):
        return [made(chance, depth + 1) for _ in range(chance.randrange(12))]
    return {f"k{at}": made(chance, depth + 1) for at in range(chance.randrange(12))}


def test_json_is_read_as_the_standard_library_does(monkeypatch):
    """Pieces of any size give the same; what is refused there is refused here, whatever is broken."""
    chance = random.Random(5)
    monkeypatch.setattr(parsing, "WINDOW", 24)
    for _ in range(400):
        text = json.dumps(made(chance), indent=chance.choice([None, 1]))
        assert parse(text) == json.loads(text)
        at = chance.randrange(len(text) + 1)
        broken = text[:at] + chance.choice(["", ",", "]", "}", "x", " ", '"', "[", "{"]) + text[at + 1 :]
        try:
            wanted = json.loads(broken)
        except ValueError:
            with pytest.raises(JsonProblem):
                parse(broken)
        else:
            assert parse(broken) == wanted


def test_large_json_is_read_in_steps_that_can_be_called_off():
    """No step takes more than a window of letters; between them the work can end."""
    text = json.dumps({"rows": [{"id": at, "name": "Lamp"} for at in range(20_000)]})

    class Unwanted(Exception):
        pass

    def check():
        raise Unwanted

    with pytest.raises(Unwanted):
        parse(text, check)
    assert len(parse(text)["rows"]) == 20_000


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ("[" * 100_000, "nested deeper"), ('{"a": 1', "a comma or the end is missing in line 1"),
        ("[\n1,\n]", "a value is missing in line 3"), ("", "a value is missing"), ('{"a": 1} x', "the end is missing"),
    ],
)  # fmt: skip
def test_bad_json_is_told_with_its_place(text, words):
    """Bad input: what is wrong and where."""
    with pytest.raises(JsonProblem, match=words):
        parse(text)
    assert words in take_apart(Source(text)).fault


def test_a_part_tells_key_value_type_and_its_way():
    """UI-CA-05: key, value and type; the path is what Python would write."""
    value = {"rows": [{"id": 7, "näme": 'a "lamp"\nof oak'}], "when": None, (1, 2): True}
    root = Parts(json.loads(tree_text(value)), typed=True).root()
    rows, when, pair = root.children()
    assert [(one.name(), one.words(), one.type_words()) for one in (rows, when)] == [
        ("rows", "1 item", "list"),
        ("when", "None", "None"),
    ]
    assert pair.name() == "[1, 2]"
    name = rows.children()[0].children()[1]
    assert (name.words(), name.type_words()) == ('"a "lamp"\N{RETURN SYMBOL}of oak"', "str")
    assert name.path() == '["rows"][0]["näme"]'
    assert name.places() == (0, 0, 1)
    assert copied(name.value, True) == 'a "lamp"\nof oak'
    assert json.loads(copied(rows.value, True)) == [{"id": 7, "näme": 'a "lamp"\nof oak'}]
    assert root.path() == ""
    assert root.count() == 3
    plain = Parts([None, True, 1.5]).root().children()
    assert [one.words() for one in plain] == ["null", "true", "1.5"], "JSON in its own words"


def test_very_many_parts_lie_in_groups_and_are_made_when_opened():
    """UI-CA-05: 2 500 000 elements are three lines; only what is opened is made."""
    parts = Parts(list(range(2_500_000)))
    root = parts.root()
    assert [one.name().replace("\N{THIN SPACE}", " ") for one in root.children()] == [
        "0 … 999 999", "1 000 000 … 1 999 999", "2 000 000 … 2 499 999",
    ]  # fmt: skip
    last = root.child_at(2_499_999)
    assert (last.key, last.value, last.path(), last.places()) == (
        2_499_999,
        2_499_999,
        "[2499999]",
        (2_499_999,),
    )
    middle = root.child_at(1_234_567)
    assert (middle.key, middle.places()) == (1_234_567, (1_234_567,))
    assert len(last.parent.children()) == GROUP
    assert last.depth() == 2
    assert last.parent.is_group
    assert root.children()[0]._children is None, "not opened, not made"


def test_finding_goes_through_keys_and_values_in_the_order_of_the_lines():
    """UI-CA-05: search inside; indexes of lists are no names; a limit that is told."""
    data = {"Lamp": 1, "more": [{"a": "a LAMP"}, {"lamp": {"x": "no"}}], "n": 10}
    found = find(Parts(data), "lamp")
    assert found.ways == [(0,), (1, 0, 0), (1, 1, 0)]
    root = Parts(data).root()
    assert [root.child_at(1).child_at(1).child_at(0).path()] == ['["more"][1]["lamp"]']
    assert find(Parts(data), "1").ways == [(0,), (2,)]
    assert find(Parts(data), "zzz").ways == []
    assert not find(Parts(data), "").ways
    many = find(Parts(["x"] * (MOST_FOUND + 5)), "X")
    assert (len(many.ways), many.more) == (MOST_FOUND, True)
    deep: list = []
    for _ in range(sys.getrecursionlimit() + 100):
        deep = [deep, "needle"]
    assert len(find(Parts(deep), "needle").ways) == sys.getrecursionlimit() + 100


def test_records_and_lists_of_one_length_are_tables():
    """UI-CA-05: like keys, equal lengths, columns; what is not alike is none."""
    records = table_of(Parts([{"id": 1, "name": "b"}, {"id": 2}, {"id": 3, "name": None}]))
    assert records.columns == ["id", "name"]
    assert records.sure
    assert records.numeric == {0}
    assert [row[1] for row in records.rows] == ["b", MISSING, None]
    assert table_of(Parts([[1, "a"], [2, "b"]])).columns == ["1", "2"]
    columns = table_of(Parts({"x": [1, 2], "y": [3, 4]}))
    assert columns.rows == [[1, 3], [2, 4]]
    assert not columns.sure, "it may be meant otherwise: the tree comes first"
    for other in (
        [],
        [1, 2],
        [{}],
        [[1], [2, 3]],
        {"x": [1], "y": 2},
        [{"a": 1}, 2],
        [{"a": 1}, {"b": 1}, {"c": 1}],
    ):
        assert table_of(Parts(other)) is None, other


def test_rows_are_ordered_and_copied():
    """UI-CA-05: numbers before texts, what is missing last; CSV and TSV keep quotes, lines, tabs."""
    table = table_of(
        Parts(
            [{"n": 10, "t": "b"}, {"n": 9, "t": 'a "q"\tx\ny'}, {"n": None, "t": "C"}, {"n": "x", "t": [1]}]
        )
    )
    assert [row[0] for row in in_order(table.rows, 0, False, False)] == [9, 10, "x", None]
    assert [row[0] for row in in_order(table.rows, 0, True, False)] == ["x", 10, 9, None]
    assert as_text(table, table.rows[:2], "csv") == 'n,t\n10,b\n9,"a ""q""\tx\ny"\n'
    assert as_text(table, table.rows[1:2], "tsv") == 'n\tt\n9\t"a ""q""\tx\ny"\n'
    assert as_text(table, table.rows[3:], "csv") == "n,t\nx,[1]\n"


def test_packed_values_arrive_whole_or_are_told_damaged():
    """What the process that owns a value sends is checked."""
    value = [{"id": at, "when": b"x"} for at in range(50)]
    taken = take_apart(Source(packed=pack(tree_text(value)), typed=True))
    assert taken.parts is not None
    assert taken.table.words().startswith("50 rows")
    assert take_apart(Source(packed="!!!")).fault == "It arrived damaged."
    assert take_apart(Source("42")).parts is None, "a number has no parts"


def test_the_collector_rests_while_a_large_value_is_read_and_works_again():
    """Nothing of it stays behind: also when the text is broken, and when the value is let go."""
    frozen = gc.get_freeze_count()
    for text in ("[" + "1," * 40_000 + "1]", "[" + "1," * 40_000):
        taken = take_apart(Source(text))
        assert gc.isenabled()
    taken = take_apart(Source("[" + "[]," * 40_000 + "1]"))
    assert gc.get_freeze_count() > frozen
    del taken
    gc.collect()
    assert gc.get_freeze_count() <= frozen
