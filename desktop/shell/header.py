"""The header: menu, scope, history, where I am, palette, state of the server, notices."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from desktop.theme import Theme, paint
from desktop.widgets.base import PaintedButton
from desktop.widgets.buttons import IconButton, StatePill
from desktop.widgets.fields import Choice
from desktop.widgets.labels import CutLabel
from desktop.widgets.marks import Pill

ALL = "All applications"
NARROW_SCOPE = 96  # pixels


class PaletteButton(PaintedButton):
    """Looks like a field and opens the command palette; folds to an icon."""

    def __init__(self, theme: Theme, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._keys = keys
        self._folded = False
        self.setText("Jump to action, file, ticket")
        self.setAccessibleName(f"Jump to an action, {keys}")
        self.setToolTip(f"Jump to an action ({keys})")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_folded(False)

    def set_folded(self, folded: bool) -> None:
        """Shows the icon alone."""
        self._folded = folded
        horizontal = QSizePolicy.Policy.Fixed if folded else QSizePolicy.Policy.Preferred
        self.setSizePolicy(horizontal, QSizePolicy.Policy.Fixed)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(30 if self._folded else 280, self.theme.size("button") - 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(30 if self._folded else 150, self.sizeHint().height())

    def paint_face(self, painter: QPainter) -> None:
        color, rect = self.theme.color, QRectF(self.rect())
        middle = rect.center().y() - 8
        if self._folded:
            if self.hovered:
                paint.box(painter, rect, color("surface.hover"), None, self.radius)
            self.theme.icons.draw(painter, "search", color("text.secondary"), 7, middle)
            return
        edge = "text.secondary" if self.hovered else "border.control"
        paint.box(painter, rect, color("surface.raised"), color(edge), self.radius)
        self.theme.icons.draw(painter, "search", color("text.secondary"), 10, middle)
        small = self.theme.fonts.style("small", 500)
        width = paint.text_width(small, self._keys) + 12
        key = QRectF(rect.right() - width - 7, rect.top() + 5, width, rect.height() - 10)
        area = QRectF(34, 0, key.left() - 40, rect.height())
        paint.text(painter, area, self.text(), self.theme.fonts.style("body"), color("text.placeholder"))
        paint.box(painter, key, color("surface.window"), color("border.default"), 3)
        paint.text(painter, key, self._keys, small, color("text.secondary"), Qt.AlignmentFlag.AlignHCenter)


class Header(QFrame):
    """The row above everything.

    Signals:
        menu_wanted, palette_wanted, server_menu_wanted, notices_wanted: a button was pressed.
        back_wanted, forward_wanted: a step in the history.
        scope_chosen(str): the application to look at, empty for all.
    """

    back_wanted = Signal()
    forward_wanted = Signal()
    scope_chosen = Signal(str)
    menu_wanted = Signal()
    palette_wanted = Signal()
    server_menu_wanted = Signal()
    notices_wanted = Signal()

    def __init__(self, theme: Theme, palette_keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._narrow, self._scope = False, ""
        self._names: tuple[str, ...] = ()
        self.setObjectName("header")
        self.setAccessibleName("Header")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 14, 0)
        row.setSpacing(10)
        self.menu = IconButton(theme, "menu", "Menu")
        self.scope = Choice(theme, "Applications looked at", [("", ALL)], icon="apps")
        self.back = IconButton(theme, "chevron-left", "Back")
        self.forward = IconButton(theme, "chevron-right", "Forward")
        self.title = CutLabel("heading")
        self.network = Pill(theme)
        self.search = PaletteButton(theme, palette_keys)
        self.state = StatePill(theme)
        self.bell = IconButton(theme, "bell", "Notices")
        for button, name in (
            (self.menu, "menu"),
            (self.scope, "scope"),
            (self.back, "back"),
            (self.forward, "forward"),
            (self.search, "palette"),
            (self.state, "server"),
            (self.bell, "notices"),
        ):
            button.setObjectName(f"header.{name}")
        row.addWidget(self.menu)
        row.addSpacing(-6)
        row.addWidget(self.scope)
        row.addSpacing(6)
        row.addWidget(self.back)
        row.addWidget(self.forward)
        row.addWidget(self.title, 1)
        for widget in (self.network, self.search, self.state, self.bell):
            row.addWidget(widget)
        self.menu.clicked.connect(self.menu_wanted)
        self.scope.chosen.connect(self.scope_chosen)
        self.back.clicked.connect(self.back_wanted)
        self.forward.clicked.connect(self.forward_wanted)
        self.search.clicked.connect(self.palette_wanted)
        self.state.clicked.connect(self.server_menu_wanted)
        self.bell.clicked.connect(self.notices_wanted)
        theme.changed.connect(self._resize)
        self._resize()

    def set_unseen(self, count: int) -> None:
        """How many notices were not looked at yet."""
        self.bell.set_dot(count > 0)
        self.bell.set_name(f"Notices, {count} new" if count else "Notices")

    def set_narrow(self, narrow: bool) -> None:
        """Folds the palette field to a button and the scope to a short word."""
        self.search.set_folded(narrow)
        self._narrow = narrow
        if narrow:
            self.scope.setFixedWidth(NARROW_SCOPE)
        self._fill_scope()

    def set_side(self, width: int) -> None:
        """Lets the history begin where the content begins; `width` is that of the side bar."""
        self.scope.setFixedWidth(max(NARROW_SCOPE, width - 10 - 30 - 4))

    def show_scope(self, application: str, names: tuple[str, ...]) -> None:
        """Shows which application is looked at, and which there are."""
        self._scope, self._names = application, names
        self._fill_scope()

    def set_history(self, back: bool, forward: bool) -> None:
        """Says which ways are open."""
        self.back.setEnabled(back)
        self.forward.setEnabled(forward)

    def _fill_scope(self) -> None:
        every = "All" if self._narrow else ALL
        names = sorted({*self._names, self._scope} - {""})
        self.scope.set_options([("", every), *((name, name) for name in names)], self._scope)

    def _resize(self) -> None:
        self.setFixedHeight(self._theme.size("header"))
        self.scope.setFixedHeight(self._theme.size("button") - 4)
