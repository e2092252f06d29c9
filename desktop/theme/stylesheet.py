"""The one style sheet of the application, filled in from the tokens."""

from __future__ import annotations

import re

from .fonts import Fonts
from .tokens import Tokens, channels

_TEMPLATE = """
QMainWindow, QDialog { background: @surface.base; }
QToolTip {
    background: @surface.overlay; color: @text.primary; border: 1px solid @border.overlay; padding: 5px 8px;
}

QFrame#header, QFrame#sidebar, QFrame#statusbar { background: @surface.window; border: 0; }
QFrame#header { border-bottom: 1px solid @border.default; }
QFrame#statusbar { border-top: 1px solid @border.default; }
QScrollArea, QWidget[page="true"] { background: @surface.base; border: 0; }

QFrame[card="true"] { background: @surface.raised; border: 1px solid @border.hairline; border-radius: 8px; }
QFrame[card="true"][status="failed"] { border-color: @status.failed.border; }
QFrame[card="true"][status="problem"] { border-color: @status.problem.border; }
QWidget[ground="true"] { background: @surface.window; }
QScrollArea[card_ground="true"], QWidget[card_ground="true"] { background: @surface.raised; border: 0; }
QFrame[section="true"] { background: transparent; border: 0; border-top: 1px solid @border.hairline; }
QFrame[section="true"][status="failed"] { border-top-color: @status.failed.border; }
QFrame[section="true"][status="problem"] { border-top-color: @status.problem.border; }
QFrame[tint="true"] {
    background: transparent; border: 0; border-top-left-radius: 7px; border-top-right-radius: 7px;
}
QFrame[tint="true"][status="failed"] { background: @status.failed.tint; }
QFrame[tint="true"][status="problem"] { background: @status.problem.tint; }
QFrame[notice="problem"] {
    background: @status.problem.tint; border: 0; border-bottom: 1px solid @status.problem.border;
}
QFrame[line="true"] { background: @border.hairline; border: 0; }
QDialog[sheet="true"], QDialog[sheet="true"] QScrollArea, QDialog[sheet="true"] QWidget[page="true"] {
    background: @surface.overlay;
}
QPlainTextEdit[field="true"] { border: 1px solid @border.control; border-radius: 6px; padding: 3px 5px; }
QPlainTextEdit[field="true"]:focus { border: 2px solid @focus.ring; padding: 2px 4px; }
QPlainTextEdit[field="true"][invalid="true"] { border-color: @status.failed.mark; }

QLabel { color: @text.primary; background: transparent; border: 0; }
QLabel[tone="secondary"] { color: @text.secondary; }
QLabel[tone="small"] { color: @text.secondary; font-size: @pt.small; }
QLabel[tone="caption"] { color: @text.secondary; font-size: @pt.caption; font-weight: 500; }
QLabel[tone="strong"] { font-weight: 600; }
QLabel[tone="medium"] { font-weight: 500; }
QLabel[tone="heading"] { font-size: @pt.heading; font-weight: 600; }
QLabel[tone="title"] { font-size: @pt.title; font-weight: 600; }
QLabel[tone="display"] { font-size: @pt.display; font-weight: 600; }
QLabel[tone="fault"] { color: @status.failed.text; font-size: @pt.small; }
QLabel[tone="hint"] { color: @status.problem.text; font-size: @pt.small; }
QLabel[tone="good"] { color: @status.serving.text; font-size: @pt.small; }
QLabel[status="stopped"] { color: @status.stopped.text; }
QLabel[status="changing"] { color: @status.changing.text; }
QLabel[status="serving"] { color: @status.serving.text; }
QLabel[status="problem"] { color: @status.problem.text; }
QLabel[status="failed"] { color: @status.failed.text; }

QLineEdit {
    background: @surface.raised; color: @text.primary; border: 1px solid @border.control; border-radius: 6px;
    padding: 0 9px; min-height: @px.input; selection-background-color: @select.text;
    selection-color: @text.primary; placeholder-text-color: @text.placeholder;
}
QLineEdit:hover { border-color: @text.secondary; }
QLineEdit[invalid="true"] { border-color: @status.failed.mark; }
QLineEdit:focus { border: 2px solid @focus.ring; padding: 0 8px; min-height: @px.input_focus; }
QLineEdit:read-only { background: @surface.base; border-color: @border.default; }
QLineEdit:disabled { background: @surface.base; color: @text.disabled; border-color: @border.hairline; }
QLineEdit[tool="true"] { min-height: @px.tool; }
QLineEdit[tool="true"]:focus { min-height: @px.tool_focus; }
QLineEdit[bare="true"], QLineEdit[bare="true"]:focus {
    border: 0; background: transparent; padding: 0; min-height: @px.input;
}

QPlainTextEdit[field="true"] {
    background: @surface.raised; color: @text.primary; border: 1px solid @border.control; border-radius: 6px;
    padding: 2px 5px; selection-background-color: @select.text; selection-color: @text.primary;
    placeholder-text-color: @text.placeholder;
}
QPlainTextEdit[field="true"]:hover { border-color: @text.secondary; }
QPlainTextEdit[field="true"][invalid="true"] { border-color: @status.failed.mark; }
QPlainTextEdit[field="true"]:focus { border: 2px solid @focus.ring; padding: 1px 4px; }
QPlainTextEdit[field="true"]:read-only { background: @surface.base; border-color: @border.default; }

QTableView {
    background: @surface.raised; border: 0; outline: 0; selection-background-color: @select.row;
    selection-color: @text.primary;
}
QHeaderView { background: transparent; border: 0; }
QHeaderView::section {
    background: @surface.raised; color: @text.secondary; border: 0; border-bottom: 1px solid @border.default;
    padding: 0 8px; font-size: @pt.small; font-weight: 500;
}
QHeaderView::section:first { padding-left: 16px; }
QListView { background: @surface.overlay; border: 0; outline: 0; color: @text.primary;
    selection-background-color: @select.row; selection-color: @text.primary; }
QListView[plain="true"] { background: @surface.base; }

QListView[flat="true"] { background: @surface.base; }
QTreeView { background: @surface.base; border: 0; outline: 0; }
QPlainTextEdit[code="true"] {
    background: @code.background; color: @code.text; border: 0;
    selection-background-color: @select.text; selection-color: @code.text;
}

QMenu { background: @surface.overlay; color: @text.primary; border: 1px solid @border.overlay; padding: 5px; }
QMenu::item { padding: @px.menu_pad 16px @px.menu_pad 8px; border-radius: 6px; min-width: 150px; }
QMenu::icon { padding-left: 8px; }
QMenu::item:selected { background: @select.row; }
QMenu::item:disabled { color: @text.disabled; }
QMenu::separator { height: 1px; background: @border.hairline; margin: 5px 0; }
QMenuBar { background: @surface.window; color: @text.primary; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @scroll.thumb; border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: @scroll.thumb_hover; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: 0; background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""

_TOKEN = re.compile(r"@([a-z_]+(?:\.[a-z_]+)+)")


def render(tokens: Tokens, scheme: str, fonts: Fonts, density: str, row_text: int) -> str:
    """The style sheet of a scheme.

    Args:
        tokens: source of colours and sizes.
        scheme: ``"light"`` or ``"dark"``.
        fonts: sizes of the text styles, zoom included.
        density: ``"comfortable"`` or ``"compact"``.
        row_text: height in pixels of a line of body text; heights never fall below it plus padding.
    """
    field = max(tokens.value(f"size.{density}.input"), row_text + 12)
    tool = field - 4
    heights = {
        "input": field - 2,
        "input_focus": field - 4,
        "tool": tool - 2,
        "tool_focus": tool - 4,
        "menu_pad": max(4, (tokens.value(f"size.{density}.menu_item") - row_text) // 2),
    }

    def fill(match: re.Match[str]) -> str:
        group, _, name = match.group(1).partition(".")
        if group == "pt":
            return f"{fonts.points(name)}pt"
        if group == "px":
            return f"{heights[name]}px"
        red, green, blue, alpha = channels(tokens.color(scheme, match.group(1)))
        return f"rgba({red}, {green}, {blue}, {alpha})"

    return _TOKEN.sub(fill, _TEMPLATE)
