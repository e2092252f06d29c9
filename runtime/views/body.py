"""The page that a view writes."""

from __future__ import annotations


class Body:
    """The page as it grows: `parts` in order."""

    __slots__ = ("parts",)

    def __init__(self) -> None:
        self.parts: list[str] = []

    def write(self, text: str) -> None:
        """Add `text` as it is."""
        self.parts.append(text)

    def getvalue(self) -> str:
        """Return all that was written."""
        return "".join(self.parts)
