"""Colours of terminals in logs (UI-LG-08)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.admin.logs import LogBook, LogFilter
from runtime.admin.terminal_text import COLOURS, PLAIN, Ink, Span, plain, read_lines


def look(text: str) -> tuple[str, tuple[Span, ...]]:
    texts, looks = read_lines([text])
    return texts[0], looks[0]


@pytest.mark.parametrize(
    ("numbers", "ink"),
    [
        ("31", Ink("red")),
        ("1;32", Ink("green", bold=True)),
        ("97;44", Ink("white", "blue")),
        ("3;4;9;2", Ink(faint=True, italic=True, underlined=True, struck=True)),
        ("7;36", Ink("cyan", inverse=True)),
        ("38;5;196", Ink("red")),
        ("38;5;244", Ink("white")),
        ("48;5;22", Ink(fill="green")),
        ("38;2;200;30;190", Ink("magenta")),
        ("38:2::255:230:0", Ink("yellow")),
        ("4:3", Ink(underlined=True)),
        ("31;39;4;24;33", Ink("yellow")),
        ("8", PLAIN),  # hidden letters stay visible
        ("5;6", PLAIN),
        ("38;5;999", PLAIN),
        ("38;2;1", PLAIN),
        ("38", PLAIN),
        ("777", PLAIN),
        ("31;0", PLAIN),
        ("31;", PLAIN),
    ],
)
def test_ui_lg_08_colours_are_understood(numbers, ink):
    """UI-LG-08: the changes that programs write, of 8, 16, 256 and all colours; odd ones change nothing."""
    text, spans = look(f"a\x1b[{numbers}mb\x1b[0mc")
    assert text == "abc"
    assert spans == (() if ink == PLAIN else (Span(1, 2, ink),))


def test_ui_lg_08_a_colour_goes_on_at_the_next_line():
    """UI-LG-08"""
    texts, looks = read_lines(["\x1b[31mone", "two", "thr\x1b[mee"])
    assert texts == ["one", "two", "three"]
    assert looks == [(Span(0, 3, Ink("red")),), (Span(0, 3, Ink("red")),), (Span(0, 3, Ink("red")),)]


def test_ui_lg_08_only_colours_are_taken_out():
    """UI-LG-08: what else a terminal would obey is left for those who show it."""
    text = "\x1b[2J\x1b[3;4H\x1b]0;title\x07\x1b]8;;https://example.org\x1b\\link\r\x08"
    assert look(text) == (text, ())
    assert plain(f"\x1b[1m{text}\x9b0m") == text


@given(st.lists(st.text(alphabet="\x1b\x9b[0123456789;:m ab\n\u202e"), max_size=4))
def test_ui_lg_08_no_text_confuses_it(lines):
    """UI-LG-08: spans follow each other within the text, in known colours; other letters all stay."""
    texts, looks = read_lines(lines)
    assert texts == [plain(line) for line in lines]
    for text, spans in zip(texts, looks, strict=True):
        at = 0
        for start, end, ink in spans:
            assert at <= start < end <= len(text)
            assert {ink.colour, ink.fill} <= {"", *COLOURS}
            at = end


def test_ui_lg_08_records_have_colours_and_plain_letters(tmp_path):
    """UI-LG-08, LG-03, LG-12: found by their letters; colours hide no secret from the mask."""
    path = tmp_path / "server.log"
    head = "2026-11-20 11:00:0{} .000 app.shop info ".replace(" .", ".")
    path.write_text(
        head.format(1) + "all \x1b[32mgo\x1b[1mod\x1b[0m\n    fur\x1b[33mther\n"
        + head.format(2) + "pass\x1b[1mword\x1b[0m = \x1b[31m'hunter22'\x1b[0m\n"
    )  # fmt: skip
    first, second = LogBook({"server": path}).older(9, LogFilter(text="").test(), lambda: None)
    assert (first.text, first.more) == ("all good", ("further",))
    green, bold = Ink("green"), Ink("green", bold=True)
    assert first.looks == ((Span(4, 6, green), Span(6, 8, bold)), (Span(3, 7, Ink("yellow")),))
    assert "hunter22" not in second.text
    assert second.looks == ()
    assert LogBook({"server": path}).older(9, LogFilter(text="/all good/").test(), lambda: None) == [first]
