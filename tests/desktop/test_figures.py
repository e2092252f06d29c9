"""Figures of cards give way in order: the long caption first, never the number or its unit (SH-22, CA-01, SV-11)."""

from __future__ import annotations

from desktop.widgets.charts import FigureView
from desktop.widgets.labels import Link
from desktop.widgets.values import Figure


def test_the_short_caption_stands_where_the_long_one_has_no_room(qtbot, theme):
    """At 200 % a card is too narrow for long words: short ones take their place, the whole is in the tooltip."""
    view = FigureView(theme)
    qtbot.addWidget(view)
    view.show_figure(Figure("140", "ms", "95 % are faster", "95 %"))
    view.resize(view.sizeHint())
    assert view.caption() == "95 % are faster"
    narrow = view.minimumSizeHint().width()
    assert narrow < view.sizeHint().width()
    view.resize(narrow, view.height())
    assert view.caption() == "95 %"
    assert "95 % are faster" in view.toolTip()
    before = narrow
    theme.set_zoom(2.0)
    assert view.minimumSizeHint().width() > 1.5 * before, "number and unit keep their room"
    view.resize(view.minimumSizeHint())
    assert view.caption() == "95 %"


def test_a_link_that_is_cut_has_its_words_in_the_tooltip(qtbot, theme):
    """Cut words can still be read; a tooltip that says something else stays."""
    link = Link(theme, "How an application uses the cache")
    qtbot.addWidget(link)
    link.resize(60, 24)
    link.show()
    assert link.toolTip() == link.text()
    link.resize(600, 24)
    assert link.toolTip() == ""
    link.setToolTip("something else")
    link.resize(50, 24)
    assert link.toolTip() == "something else"
