"""The tables of an application and their references as a picture (UI-AP-26)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPen, QWheelEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QScrollArea, QWidget

from desktop.panels.overview.words import counted
from desktop.theme import Theme, paint
from desktop.widgets.base import Painted
from desktop.widgets.buttons import Button, IconButton
from desktop.widgets.labels import label
from desktop.widgets.sheets import Sheet
from runtime.admin.model_graph import HEAD, LINE, PAD, Box, Edge, Graph, edge_points, graph_of, to_svg
from runtime.admin.structure import Structure
from runtime.foundation.files import write_atomic

STEPS = (0.25, 0.35, 0.5, 0.7, 0.85, 1.0, 1.25, 1.5, 2.0, 3.0)


class GraphView(Painted):
    """The picture; a table is chosen by mouse or arrow keys, its references stand out.

    Signals:
        opened(str, int): a table was pressed twice: its file and line.
    """

    opened = Signal(str, int)

    def __init__(self, theme: Theme, structure: Structure, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._structure = structure
        self.zoom = 1.0
        self.chosen = ""
        self.setObjectName("applications.graph.picture")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out()

    def _lay_out(self) -> None:
        font = self.theme.fonts.style("body")
        self._scale = max(1.0, self.theme.line_height() / 17)  # of the text to the sizes of the layout
        self.graph: Graph = graph_of(self._structure, lambda text: paint.text_width(font, text) / self._scale)
        tables = ", ".join(self.graph.boxes)
        self.setAccessibleName(f"Picture of {counted(len(self.graph.boxes), 'table')}: {tables}")
        self._resize()

    def on_theme_changed(self) -> None:
        self._lay_out()
        super().on_theme_changed()

    def _factor(self) -> float:
        return self.zoom * self._scale

    def _resize(self) -> None:
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        factor = self._factor() if hasattr(self, "graph") else 1.0
        return QSize(round(self.graph.width * factor), round(self.graph.height * factor))

    def set_zoom(self, zoom: float) -> None:
        """Shows the picture larger or smaller."""
        self.zoom = max(STEPS[0], min(zoom, STEPS[-1]))
        self._resize()
        self.update()

    def step_zoom(self, step: int) -> None:
        """Goes to the next zoom."""
        nearest = min(range(len(STEPS)), key=lambda at: abs(STEPS[at] - self.zoom))
        self.set_zoom(STEPS[max(0, min(len(STEPS) - 1, nearest + step))])

    # choosing

    def _at(self, point: QPointF) -> Box | None:
        place = point / self._factor()
        for box in self.graph.boxes.values():
            if QRectF(box.left, box.top, box.width, box.height).contains(place):
                return box
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        box = self._at(event.position())
        self._choose(box.name if box is not None else "")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        box = self._at(event.position())
        if box is not None and box.path:
            self.opened.emit(box.path, box.line)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        names = list(self.graph.boxes)
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Left: -1}
        key = Qt.Key(event.key())
        if key in steps and names:
            at = names.index(self.chosen) + steps[key] if self.chosen in names else 0
            self._choose(names[at % len(names)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.chosen:
            box = self.graph.boxes[self.chosen]
            if not box.path:
                return
            self.opened.emit(box.path, box.line)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
            self.step_zoom(1 if key == Qt.Key.Key_Plus else -1)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.step_zoom(1 if event.angleDelta().y() > 0 else -1)
        else:
            event.ignore()

    def _choose(self, name: str) -> None:
        self.chosen = name
        near = [edge.target for edge in self.graph.edges if edge.source == name]
        self.setAccessibleDescription(f"{name}, points to {', '.join(near) or 'no table'}" if name else "")
        self.update()

    # painting

    def paintEvent(self, event: object) -> None:
        painter = paint.painter_of(self)
        painter.scale(self._factor(), self._factor())
        self.draw(painter)

    def draw(self, painter: QPainter) -> None:
        """Paints the picture at its own size."""
        for edge in self.graph.edges:
            if self.chosen not in (edge.source, edge.target):
                self._draw_edge(painter, edge, "border.control", 1.2)
        for edge in self.graph.edges:
            if self.chosen in (edge.source, edge.target):
                self._draw_edge(painter, edge, "select.mark", 2.0)
        for box in self.graph.boxes.values():
            self._draw_box(painter, box)

    def _draw_edge(self, painter: QPainter, edge: Edge, color: str, width: float) -> None:
        (x1, y1), (x2, y2) = edge_points(self.graph, edge)
        path = QPainterPath(QPointF(x1, y1))
        if edge.source == edge.target:
            path.cubicTo(x1 + 40, y1, x2 + 40, y2, x2, y2)
        else:
            bend = max(40.0, abs(x1 - x2) / 2)
            path.cubicTo(x1 - bend, y1, x2 + bend, y2, x2, y2)
        pen = QPen(self.theme.color(color), width)
        if edge.many:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color(color))
        painter.drawEllipse(QPointF(x2, y2), 3, 3)

    def _draw_box(self, painter: QPainter, box: Box) -> None:
        color, theme = self.theme.color, self.theme
        rect = QRectF(box.left, box.top, box.width, box.height)
        edge = "select.mark" if box.name == self.chosen else "border.default"
        paint.box(painter, rect, color("surface.raised"), color(edge), 6)
        head = QRectF(box.left + 1, box.top + 1, box.width - 2, HEAD - 2)
        paint.box(
            painter, head, color("select.row" if box.name == self.chosen else "surface.window"), None, 5
        )
        strong, plain = theme.fonts.style("body", 600), theme.fonts.style("body")
        painter.save()
        painter.scale(1 / self._scale, 1 / self._scale)

        def text(left: float, top: float, height: float, words: str, font, ink: str) -> None:  # type: ignore[no-untyped-def]
            area = QRectF(left, top, box.width - 2 * PAD, height)
            scaled = QRectF(area.topLeft() * self._scale, area.size() * self._scale)
            paint.text(painter, scaled, words, font, color(ink))

        text(box.left + PAD, box.top, HEAD, box.name, strong, "text.primary")
        for at, name in enumerate(box.fields):
            text(box.left + PAD, box.top + HEAD + LINE * at, LINE, name, plain, "text.secondary")
        painter.restore()

    # export

    def svg(self) -> str:
        """The picture as SVG, in the colours shown."""
        names = {
            "ground": "surface.base",
            "box": "surface.raised",
            "head": "surface.window",
            "edge": "border.default",
            "text": "text.primary",
            "quiet": "text.secondary",
            "line": "border.control",
        }
        return to_svg(self.graph, {key: self.theme.color(name).name() for key, name in names.items()})

    def image(self, ratio: float = 2.0) -> QImage:
        """The picture as pixels."""
        factor = self._scale * ratio
        size = QSize(round(self.graph.width * factor), round(self.graph.height * factor))
        out = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        out.fill(self.theme.color("surface.base"))
        painter = QPainter(out)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(factor, factor)
        self.draw(painter)
        painter.end()
        return out


class GraphSheet(Sheet):
    """The picture with zoom and export.

    Signals:
        opened(str, int): a table is to be opened at its line.
        exported(str): the picture was written to this file.
        failed(str): it was not, and why.
    """

    opened = Signal(str, int)
    exported = Signal(str)
    failed = Signal(str)

    def __init__(self, theme: Theme, structure: Structure, parent: QWidget | None = None) -> None:
        super().__init__(theme, "applications.graph", f"Tables of {structure.folder.name}", "", parent)
        self.view = GraphView(theme, structure)
        count = counted(sum(bool(box.path) for box in self.view.graph.boxes.values()), "table")
        edges = counted(len(self.view.graph.edges), "reference")
        row = QHBoxLayout()
        row.addWidget(label(f"{count}, {edges}; dashed: to many", "secondary"))
        row.addStretch(1)
        for icon, words, step in (("minus", "Smaller", -1), ("plus", "Larger", 1)):
            button = IconButton(theme, icon, words)
            button.clicked.connect(lambda step=step: self.view.step_zoom(step))
            row.addWidget(button)
        fit = Button(theme, "Fit", small=True)
        fit.clicked.connect(self.fit)
        row.addWidget(fit)
        export = Button(theme, "Export…", small=True)
        export.setObjectName("applications.graph.export")
        export.clicked.connect(self._ask)
        row.addWidget(export)
        self.column.addLayout(row)
        self.area = QScrollArea()
        self.area.setAccessibleName("Picture of the tables")
        self.area.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.area.setWidget(self.view)
        for ground in (self.view, self.area.viewport()):  # the picture lies on the sheet itself
            ground.setAutoFillBackground(False)
        self.column.addWidget(self.area, 1)
        self.verb = self.add_verbs("Close", cancel="")
        self.verb.clicked.connect(self.accept)
        self.view.opened.connect(self._on_opened)
        self.set_room(960, 640)
        self.view.setFocus()

    def fit(self) -> None:
        """Shows the whole picture."""
        room, whole = self.area.viewport().size(), self.view.sizeHint()
        self.view.set_zoom(
            min(room.width() / whole.width(), room.height() / whole.height()) * self.view.zoom * 0.98
        )

    def _on_opened(self, path: str, line: int) -> None:
        self.opened.emit(path, line)
        self.accept()

    def _ask(self) -> None:
        dialog = QFileDialog(self, "Export the picture")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(["SVG (*.svg)", "PNG (*.png)"])
        dialog.setDefaultSuffix("svg")
        dialog.fileSelected.connect(self.export)
        dialog.open()

    def export(self, target: str) -> None:
        """Writes the picture: PNG for names ending so, else SVG."""
        try:
            if target.lower().endswith(".png"):
                if not self.view.image().save(target):
                    raise OSError(f"{target} can't be written")
            else:
                write_atomic(Path(target), self.view.svg())
        except OSError as error:
            self.failed.emit(f"The picture was not exported: {error.strerror or error}.")
            return
        self.exported.emit(target)
