"""The visual language: tokens, contrast, switching, and that colours live in one place."""

import json
import re
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop.theme.palette import make_palette, to_color
from desktop.theme.stylesheet import render
from desktop.theme.tokens import TOKENS_FILE, UnknownTokenError, contrast, default_tokens

ROOT = Path(__file__).parents[2]
DATA = json.loads(TOKENS_FILE.read_text())
PAIRS = [(scheme, name, row) for name, row in DATA["contrast"].items() for scheme in ("light", "dark")]


def test_guard_none_keeps_its_references(qapp):
    """A broken binding drops one reference of None per call and ends older interpreters."""
    before = sys.getrefcount(None)
    for _ in range(1000):
        qapp.processEvents()
    assert sys.getrefcount(None) > before - 100


def test_both_schemes_have_the_same_names():
    tokens = default_tokens()
    assert tokens.color_names("light") == tokens.color_names("dark")


@pytest.mark.parametrize(("scheme", "name", "row"), PAIRS)
def test_sh_22_contrast_is_met(scheme, name, row):
    """SH-22: each pair of the table is computed again and meets its need."""
    tokens = default_tokens()
    found = contrast(tokens.color(scheme, name), tokens.color(scheme, row[f"{scheme}_on"]))
    assert found >= row["need"]
    assert found == pytest.approx(row[f"{scheme}_min"], abs=0.01)


def test_unknown_token_is_named():
    with pytest.raises(UnknownTokenError, match=r"surface\.nothing"):
        default_tokens().color("light", "surface.nothing")
    with pytest.raises(UnknownTokenError, match="nothing"):
        default_tokens().value("nothing.at.all")


def test_no_colour_outside_the_theme():
    """Colours written in code would not follow a switch of the theme."""
    literal = re.compile(r"#[0-9A-Fa-f]{6}\b|#[0-9A-Fa-f]{3}\"|\bQColor\(|\brgba?\(")
    found = []
    for path in sorted((ROOT / "desktop").rglob("*.py")):
        if (ROOT / "desktop" / "theme") in path.parents:
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if literal.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_stylesheet_has_no_open_token(scheme, theme):
    sheet = render(theme.tokens, scheme, theme.fonts, "comfortable", 16)
    assert "@" not in sheet
    assert "rgba(" in sheet


def test_palette_takes_the_role_table():
    palette = make_palette(default_tokens(), "dark")
    assert palette.color(QPalette.ColorRole.Window) == to_color(DATA["dark"]["surface"]["window"])
    disabled = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
    assert disabled == to_color(DATA["dark"]["text"]["disabled"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sh_22_high_contrast_has_seven_to_one_everywhere(theme, scheme):
    """SH-22: every text and mark over every ground it may stand on, in both schemes."""
    theme.set_scheme(scheme)
    theme.set_contrast("high")
    assert theme.contrast
    grounds = [theme.color(name).name() for name in ("surface.window", "surface.raised", "select.row")]
    for name in ("text.primary", "text.secondary", "status.failed.text", "status.serving.mark", "text.link"):
        assert min(contrast(theme.color(name).name(), ground) for ground in grounds[:2]) >= 7, name
    assert contrast(theme.color("text.primary").name(), grounds[2]) >= 7
    assert contrast(theme.color("text.on_accent").name(), theme.color("accent.fill").name()) >= 7
    theme.set_contrast("system")
    assert not theme.contrast


def test_sh_22_high_contrast_by_its_option(ui, theme):
    """SH-22: takes effect at once; colours of the system's palette count where the system wants contrast."""
    before = theme.color("border.hairline")
    ui.desk.settings.control("appearance.contrast")._choose(1)
    assert ui.preferences.get("appearance.contrast") == "high"
    assert theme.color("border.hairline") == theme.color("text.primary") != before


def test_token_with_alpha_keeps_it():
    assert to_color(DATA["light"]["chart"]["fill"]).alpha() == 0x1F


def test_sh_08_switch_repaints_at_once(ui, qapp):
    """SH-08: the window is dark right after the choice, without a restart, and light again after it."""
    ground = QRect(400, 700, 4, 4)

    def seen() -> QColor:
        return ui.window.grab(ground).toImage().pixelColor(1, 1)

    light = seen()
    ui.desk.settings.control("appearance.theme")._choose(2)
    qapp.processEvents()
    dark = seen()
    start = ui.card.buttons()[0]
    painted = start.grab().toImage().pixelColor(start.width() // 2, 6)
    assert painted.name() == DATA["dark"]["accent"]["fill"].lower()
    assert light.lightness() > 200 > 60 > dark.lightness()
    assert ui.preferences.get("appearance.theme") == "dark"
    ui.preferences.set("appearance.theme", "light")
    assert seen() == light


def test_sh_08_no_text_loses_its_font_by_a_switch(ui):
    """SH-08, SH-09: code stays in its fixed-width font, also after other sizes."""
    ui.desk.complete()
    ui.window.findChild(QWidget, "scheduler.reason").show_reason("No scheduler.", code="a = 1")
    lines = ui.window.findChild(QPlainTextEdit, "scheduler.reason.code")

    def fonts() -> dict[str, str]:
        parts = ui.window.findChildren(QPlainTextEdit)
        return {f"{at} {part.objectName()}": part.font().family() for at, part in enumerate(parts)}

    before = fonts()
    assert lines.font().family() == ui.desk.theme.fonts.style("code").family()
    for switch in (
        lambda: ui.desk.theme.set_scheme("dark"),
        lambda: ui.desk.theme.set_scheme("light"),
        lambda: (ui.desk.theme.set_zoom(1.25), ui.desk.theme.set_zoom(1.0)),
    ):
        switch()
        assert fonts() == before


def test_sh_08_wrong_word_follows_the_system(theme):
    theme.set_scheme("pink")
    assert theme.wanted == "system"


def test_sh_09_zoom_changes_all_text_and_stays_within_limits(ui, theme):
    """SH-09: Ctrl +, Ctrl - and Ctrl 0, kept as an option."""
    before = theme.fonts.points("title")
    ui.desk.actions.get("zoom.in").trigger()
    assert theme.fonts.points("title") > before
    assert ui.preferences.get("appearance.zoom") == 110
    for _ in range(20):
        ui.desk.actions.get("zoom.in").trigger()
    assert theme.zoom == 2.0
    ui.desk.actions.get("zoom.reset").trigger()
    assert theme.fonts.points("title") == before


def test_heights_grow_with_the_text(theme):
    """Large fonts never clip: a height is at least the text and its padding."""
    normal = theme.size("button")
    theme.set_zoom(2.0)
    assert theme.size("button") > normal
    assert theme.size("button") >= theme.line_height() + 12
    theme.set_zoom(1.0)


def test_density_changes_heights_and_not_fonts(theme):
    size, height = theme.fonts.points("body"), theme.size("status_bar")
    theme.set_density("compact")
    assert theme.size("status_bar") <= height
    assert theme.tokens.value("size.compact.row") < theme.tokens.value("size.comfortable.row")
    assert theme.fonts.points("body") == size
    theme.set_density("comfortable")


def test_nothing_smaller_than_eight_points(theme):
    theme.set_zoom(0.75)
    assert theme.fonts.points("caption") >= 8
    theme.set_zoom(1.0)


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_sh_09_icons_are_drawn_for_the_screen(theme, ratio):
    """SH-09: an icon has as many pixels as the screen asks for, in the colour asked for."""
    color = theme.color("status.serving.mark")
    pixmap = theme.icons.pixmap("mark-disc", color, 16, ratio)
    assert pixmap.width() == round(16 * ratio)
    middle = pixmap.toImage().pixelColor(pixmap.width() // 2, pixmap.height() // 2)
    assert middle.rgb() == color.rgb()


def test_every_server_state_has_a_mark(theme):
    for state in ("stopped", "starting", "serving", "draining", "crashed", "failed", "adopted", "foreign"):
        pixmap = theme.icons.pixmap(theme.shape(state), theme.color("text.primary"))
        assert not pixmap.isNull()
