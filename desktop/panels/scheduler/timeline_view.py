"""What ran when, in lanes: bars for runs, a red mark where one failed (SC-14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip

from desktop.panels.overview.words import counted
from desktop.processes.worker_state import short_worker
from desktop.theme import Theme, paint
from desktop.widgets.base import Painted

from .table import mark_of
from .words import STATE_WORDS, span

STEPS = (60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)  # seconds between two lines
LEAST_STEP = 72  # pixels between two of them at normal text size
LEAST = 3.0  # pixels of a run
NAMES = 170  # pixels for the names of the lanes
EDGE = 16
MARK = 16  # pixels of a failure's mark
DAY = 86400
MOVES = frozenset(
    (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End)
)


@dataclass(frozen=True)
class Place:
    """Something that can be chosen: a bar of runs (`kind` ``stretch``) or the mark of a ``failure``."""

    lane: int
    kind: str
    at: int


class TimelineView(Painted):
    """Lanes over time; arrow keys move, Enter opens.

    Signals:
        chosen(int): number of a run.
        opened(int): the same, to go to.
    """

    chosen = Signal(int)
    opened = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._found: dict[str, Any] = {"since": 0.0, "until": 1.0, "by": "worker", "lanes": []}
        self.current: Place | None = None
        self.setObjectName("scheduler.timeline")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def show_timeline(self, found: dict[str, Any]) -> None:
        """Shows a `Timeline`; what was chosen stays if it is still there."""
        before, number = self.current, self.run_number(self.current)
        self._found = found
        places = self.places()
        same = (one for one in places if before is not None and self.run_number(one) == number)
        self.current = next(same, None)
        self._say()
        self.on_theme_changed()

    @property
    def lanes(self) -> list[dict[str, Any]]:
        """The lanes, from above."""
        return list(self._found["lanes"])

    def name_of(self, lane: dict[str, Any]) -> str:
        """What a lane is called."""
        return short_worker(lane["name"]) if self._found["by"] == "worker" else str(lane["name"])

    # what can be chosen

    def places(self) -> list[Place]:
        """All that can be chosen, lane by lane, by time; a failure comes after the bar that it ends."""
        found = []
        for number, lane in enumerate(self._found["lanes"]):
            mine = [(one["start"], Place(number, "stretch", at)) for at, one in enumerate(lane["stretches"])]
            mine += [(one["at"], Place(number, "failure", at)) for at, one in enumerate(lane["failures"])]
            found += [
                place for _, place in sorted(mine, key=lambda pair: (pair[0], pair[1].kind == "failure"))
            ]
        return found

    def _entry(self, place: Place) -> dict[str, Any]:
        lane = self._found["lanes"][place.lane]
        entry: dict[str, Any] = lane["stretches" if place.kind == "stretch" else "failures"][place.at]
        return entry

    def run_number(self, place: Place | None) -> int:
        """The run that a place opens; 0 for none."""
        return int(self._entry(place)["id"]) if place is not None else 0

    def words(self, place: Place) -> str:
        """A place in words."""
        lane, entry = self._found["lanes"][place.lane], self._entry(place)
        name = self.name_of(lane)
        if place.kind == "failure":
            state = entry["status"].lower()
            return f"{name}: run {entry['id']} {STATE_WORDS.get(state, state)}, {self._clock(entry['at'])}"
        took = span(entry["stop"] - entry["start"])
        bad = f", {entry['failed']} failed" if entry["failed"] else ""
        end = "still runs" if entry["running"] else f"{self._clock(entry['stop'])}, {took}"
        return f"{name}: {counted(entry['runs'], 'run')}{bad}, {self._clock(entry['start'])} to {end}"

    def _clock(self, moment: float) -> str:
        """Local time to the second, with the day where the span has several."""
        then = datetime.fromtimestamp(moment)
        return (
            f"{then:%a %H:%M:%S}" if self._found["until"] - self._found["since"] > DAY else f"{then:%H:%M:%S}"
        )

    def choose(self, place: Place | None) -> None:
        """Gives a place the focus."""
        if place is not None and place != self.current:
            self.current = place
            self.chosen.emit(self.run_number(place))
            self._say()
            self.update()

    def _say(self) -> None:
        lanes = (
            f"{self.name_of(lane)}: {counted(lane['runs'], 'run')}, {lane['failed']} failed"
            for lane in self._found["lanes"]
        )
        self.setAccessibleName("Timeline. " + ". ".join(lanes))
        self.setAccessibleDescription(self.words(self.current) if self.current is not None else "")

    def step_to_failure(self, step: int) -> None:
        """Chooses the next or previous failure (F8)."""
        failures = [one for one in self.places() if one.kind == "failure"]
        if self.current in failures:
            at = failures.index(self.current) + step
        else:
            at = 0 if step > 0 else len(failures) - 1
        if 0 <= at < len(failures):
            self.choose(failures[at])

    # sizes

    def _row(self) -> int:
        return self.theme.size("row")

    def _head(self) -> int:
        return self.theme.line_height("small") + 12

    def _names(self) -> int:
        return min(NAMES, self.width() // 3)

    def sizeHint(self) -> QSize:
        return QSize(600, self._head() + len(self._found["lanes"]) * self._row() + EDGE)

    def minimumSizeHint(self) -> QSize:
        return QSize(260, self.sizeHint().height())

    def _x(self, moment: float) -> float:
        since, until = self._found["since"], self._found["until"]
        left, width = EDGE + self._names(), self.width() - 2 * EDGE - self._names()
        return float(left + (moment - since) / max(1.0, until - since) * max(1, width))

    def rect_of(self, place: Place) -> QRectF:
        """Where a place is painted."""
        top, row, entry = self._head() + place.lane * self._row(), self._row(), self._entry(place)
        if place.kind == "failure":
            return QRectF(self._x(entry["at"]) - MARK / 2, top + (row - MARK) / 2, MARK, MARK)
        left = self._x(entry["start"])
        return QRectF(left, top + row * 0.25, max(LEAST, self._x(entry["stop"]) - left), row * 0.5)

    # painting

    def paintEvent(self, event: object) -> None:
        painter, color = paint.painter_of(self), self.theme.color
        painter.fillRect(self.rect(), color("surface.base"))
        self._paint_times(painter)
        small, body = self.theme.fonts.style("small"), self.theme.fonts.style("body")
        for number, lane in enumerate(self._found["lanes"]):
            top = self._head() + number * self._row()
            paint.hairline(painter, EDGE, top, self.width() - 2 * EDGE, color("border.hairline"))
            count = str(lane["runs"])
            figures = paint.text_width(small, count)
            name = QRectF(EDGE, top, self._names() - figures - 20, self._row())
            paint.text(painter, name, self.name_of(lane), body, color("text.primary"))
            area = QRectF(name.right() + 4, top, figures + 2, self._row())
            paint.text(painter, area, count, small, color("text.secondary"))
        for place in self.places():
            self._paint_place(painter, place)
        if self.current is not None:
            ring = self.rect_of(self.current).adjusted(-3, -3, 3, 3)
            tint, width = ("focus.ring", 2) if self.hasFocus() else ("border.control", 1)
            paint.box(painter, ring, None, color(tint), 4, width)

    def _paint_place(self, painter: QPainter, place: Place) -> None:
        color, rect, entry = self.theme.color, self.rect_of(place), self._entry(place)
        if place.kind == "failure":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("surface.base"))
            painter.drawEllipse(rect.center(), MARK / 2, MARK / 2)  # the mark shows on any bar
            icon, tint = mark_of(self.theme, entry["status"].lower())
            self.theme.icons.draw(painter, icon, color(tint), rect.left(), rect.top())
            return
        tint = "chart.line" if entry["running"] or place == self.current else "chart.bar"
        paint.box(painter, rect, color(tint), None, min(3.0, rect.width() / 2))

    def _paint_times(self, painter: QPainter) -> None:
        color, font = self.theme.color, self.theme.fonts.style("small")
        for moment, words in self._times():
            x = self._x(moment)
            paint.hairline(painter, x, self._head() - 4, self.height(), color("chart.grid"), upright=True)
            width = paint.text_width(font, words)
            left = min(max(x - width / 2, EDGE + self._names()), self.width() - width - 4)
            area = QRectF(left, 2, width + 2, self._head() - 6)
            paint.text(painter, area, words, font, color("text.secondary"))

    def _times(self) -> list[tuple[float, str]]:
        """Moments of the axis, whole ones of the local clock, and their words."""
        since, until = self._found["since"], self._found["until"]
        width = max(1, self.width() - 2 * EDGE - self._names())
        most = max(
            1, width // max(LEAST_STEP, paint.text_width(self.theme.fonts.style("small"), "Wed 30") + 24)
        )
        step = next((one for one in STEPS if (until - since) / one <= most), STEPS[-1])
        moment = datetime.fromtimestamp(since).replace(hour=0, minute=0, second=0, microsecond=0)
        found = []
        while moment.timestamp() <= until:
            if moment.timestamp() >= since:
                words = f"{moment:%a} {moment.day}" if step == DAY else f"{moment:%H:%M}"
                found.append((moment.timestamp(), words))
            moment += timedelta(seconds=step)
        return found

    # taking

    def at(self, point: QPointF) -> Place | None:
        """What is painted there; marks lie above bars."""
        hit = [one for one in self.places() if self.rect_of(one).adjusted(-2, -4, 2, 4).contains(point)]
        return next((one for one in hit if one.kind == "failure"), hit[-1] if hit else None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.choose(self.at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if (place := self.at(event.position())) is not None:
            self.opened.emit(self.run_number(place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        places, key = self.places(), event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self.opened.emit(self.run_number(self.current))
        elif key in MOVES and places:
            self.choose(self._moved(places, key))
        else:
            super().keyPressEvent(event)

    def _moved(self, places: list[Place], key: int) -> Place:
        if self.current is None:
            return places[-1]
        mine = [one for one in places if one.lane == self.current.lane]
        at = mine.index(self.current)
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            return mine[max(0, min(len(mine) - 1, at + (1 if key == Qt.Key.Key_Right else -1)))]
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            return mine[0 if key == Qt.Key.Key_Home else -1]
        lane = self.current.lane + (1 if key == Qt.Key.Key_Down else -1)
        others = [one for one in places if one.lane == lane]
        here = self.rect_of(self.current).center().x()
        return min(others, key=lambda one: abs(self.rect_of(one).center().x() - here), default=self.current)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.words(place) if place is not None else "", self)
            return True
        return super().event(event)
