"""What painted widgets show, as values without Qt."""

from __future__ import annotations

from dataclasses import dataclass

UNKNOWN = "–"  # a figure that cannot be known is never 0


Point = tuple[float, float, int]
"""One point of a line over time: epoch second, requests per second, errors."""


@dataclass(frozen=True)
class Figure:
    """One number: its value, its unit, what it counts (long and short)."""

    value: str
    unit: str
    caption: str
    short: str = ""

    def words(self) -> str:
        """The figure as a sentence part for screen readers."""
        value = "not known" if self.value == UNKNOWN else f"{self.value} {self.unit}".strip()
        return f"{self.caption}: {value}"


@dataclass(frozen=True)
class StepView:
    """One step as shown: what, how it stands (``pending``, ``running``, ``done``, ``failed``), detail."""

    text: str
    status: str
    detail: str = ""

    def words(self) -> str:
        """The step for screen readers."""
        return f"{self.text}: {self.status}" + (f", {self.detail}" if self.detail else "")
