"""The theme in use: colours, fonts, icons, and switching all of them at once (SH-08, SH-09)."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QFontDatabase, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from .contrast import contrast_tokens, plain_palette, system_wants_contrast
from .fonts import Fonts
from .icons import Icons
from .palette import make_palette, to_color
from .style import HadronStyle
from .stylesheet import render
from .tokens import Tokens, default_tokens

SCHEMES = ("system", "light", "dark")
DENSITIES = ("comfortable", "compact")
ZOOM_STEPS = (0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)


class Theme(QObject):
    """Owns the look of one application object.

    Signals:
        changed: colours, fonts or sizes are different now; painted widgets lay out and paint again.
        zoom_changed(float): the factor on all text.
    """

    changed = Signal()
    zoom_changed = Signal(float)

    def __init__(
        self, app: QApplication, base_font: QFont | None = None, tokens: Tokens | None = None
    ) -> None:
        super().__init__(app)
        self._app = app
        self._base = base_font or QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        self._wanted = "system"
        self._density = "comfortable"
        self._contrast_wanted = "system"
        self._contrast = False
        self._zoom = 1.0
        self._colors: dict[str, QColor] = {}
        self._actions: WeakKeyDictionary[QAction, tuple[str, str]] = WeakKeyDictionary()
        self.tokens = tokens or default_tokens()
        self._drawn = self.tokens  # those of high contrast take their place
        self.icons = Icons()
        self.fonts = Fonts(self.tokens, self._base)
        self._scheme = self._effective()
        self._contrast = system_wants_contrast(app)
        app.setStyle(HadronStyle(self))
        app.styleHints().colorSchemeChanged.connect(self._follow_system)
        app.screenAdded.connect(self._tint_actions)  # it may need icons of another sharpness
        if hasattr(app.styleHints(), "accessibility"):
            app.styleHints().accessibility().contrastPreferenceChanged.connect(self._follow_contrast)
        self._apply()

    @property
    def wanted(self) -> str:
        """What was asked for: ``"system"``, ``"light"`` or ``"dark"``."""
        return self._wanted

    @property
    def scheme(self) -> str:
        """What is shown: ``"light"`` or ``"dark"``."""
        return self._scheme

    @property
    def density(self) -> str:
        """``"comfortable"`` or ``"compact"``."""
        return self._density

    @property
    def contrast(self) -> bool:
        """Whether high contrast is shown."""
        return self._contrast

    @property
    def zoom(self) -> float:
        """Factor on all text; one of ZOOM_STEPS."""
        return self._zoom

    def set_scheme(self, wanted: str) -> None:
        """Switches at once; a word that is no scheme counts as ``"system"``."""
        self._wanted = wanted if wanted in SCHEMES else "system"
        hints = self._app.styleHints()
        if self._wanted == "system":
            hints.unsetColorScheme()
        else:
            hints.setColorScheme(getattr(Qt.ColorScheme, self._wanted.title()))
        self._follow_system()

    def set_density(self, density: str) -> None:
        """Changes heights and paddings, not fonts."""
        density = density if density in DENSITIES else DENSITIES[0]
        if density != self._density:
            self._density = density
            self._apply()

    def set_contrast(self, wanted: str) -> None:
        """``"high"``, or anything else for what the system wants."""
        self._contrast_wanted = wanted
        self._follow_contrast()

    def set_zoom(self, zoom: float) -> None:
        """Sets the factor on all text to the nearest step."""
        nearest = min(ZOOM_STEPS, key=lambda step: abs(step - zoom))
        if nearest != self._zoom:
            self._zoom = nearest
            self.fonts = Fonts(self.tokens, self._base, nearest)
            self._apply()
            self.zoom_changed.emit(nearest)

    def set_zoom_normal(self) -> None:
        """All text as large as the system's."""
        self.set_zoom(1.0)

    def zoom_by(self, steps: int) -> None:
        """Goes `steps` up or down the list of zoom steps and stays at its ends."""
        at = ZOOM_STEPS.index(self._zoom) + steps
        self.set_zoom(ZOOM_STEPS[max(0, min(len(ZOOM_STEPS) - 1, at))])

    def color(self, name: str) -> QColor:
        """The colour of a token in the present scheme."""
        found = self._colors.get(name)
        if found is None:
            found = self._colors[name] = to_color(self._drawn.color(self._scheme, name))
        return found

    def size(self, name: str) -> int:
        """A height of the present density, never less than a line of text with its padding."""
        token = self.tokens.value(f"size.{self._density}.{name}")
        padding = {"chip": 8, "badge": 4, "row": 10, "table_header": 10}.get(name, 12)
        return max(int(token), self.line_height() + padding)

    def line_height(self, style: str = "body") -> int:
        """Height of one line of a text style in device-independent pixels."""
        return QFontMetrics(self.fonts.style(style)).height()

    def shape(self, state: str) -> str:
        """Name of the icon that marks a state of the server."""
        return f"mark-{self.tokens.value(f'shape.server.{state}')}"

    def tint_action(self, action: QAction, icon: str, role: str = "text.primary") -> None:
        """Gives `action` the icon in the colour `role`, and again after each theme change."""
        self._actions[action] = (icon, role)
        action.setIcon(self.icons.icon(icon, self.color(role), self.color("text.disabled")))

    def _effective(self) -> str:
        if self._wanted != "system":
            return self._wanted
        dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return "dark" if dark else "light"

    def _follow_system(self) -> None:
        scheme = self._effective()
        if scheme != self._scheme:
            self._scheme = scheme
            self._apply()

    def _follow_contrast(self) -> None:
        contrast = self._contrast_wanted == "high" or system_wants_contrast(self._app)
        if contrast != self._contrast:
            self._contrast = contrast
            self._apply()

    def _tokens_to_draw(self) -> Tokens:
        if not self._contrast:
            return self.tokens
        if system_wants_contrast(self._app):
            self._app.setPalette(QPalette())  # gives the system's own back
            return contrast_tokens(self.tokens, self._app.palette())
        return contrast_tokens(self.tokens, plain_palette(self._scheme))

    def _apply(self) -> None:
        self._drawn = self._tokens_to_draw()
        self._colors.clear()
        self.icons.clear()
        self._app.setStyleSheet("")  # a sheet over another one is polished into each widget once per ancestor
        self._app.setFont(self.fonts.style("body"))
        self._app.setPalette(make_palette(self._drawn, self._scheme))
        self._app.setStyleSheet(
            render(self._drawn, self._scheme, self.fonts, self._density, self.line_height())
        )
        self._tint_actions()
        self.changed.emit()

    def _tint_actions(self) -> None:
        for action, (icon, role) in list(self._actions.items()):
            if shiboken6.isValid(action):
                self.tint_action(action, icon, role)


def restyle(widget: QWidget, **properties: object) -> None:
    """Sets dynamic properties and lets the style sheet look again if one of them changed."""
    changed = False
    for name, value in properties.items():
        if widget.property(name) != value:
            widget.setProperty(name, value)
            changed = True
    if changed:
        style = widget.style()
        style.unpolish(widget)
        style.polish(widget)
