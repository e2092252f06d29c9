"""The design tokens: checked access to ``resources/theme/tokens.json``, without Qt."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from resources import ROOT

TOKENS_FILE = ROOT / "theme" / "tokens.json"


class UnknownTokenError(KeyError):
    """A name that the token file does not have."""

    def __str__(self) -> str:
        return f"There is no design token {self.args[0]!r}."


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _mapped(tree: Mapping[str, Any], change: Callable[[str, str], str], prefix: str = "") -> dict[str, Any]:
    return {
        name: _mapped(value, change, f"{prefix}{name}.")
        if isinstance(value, Mapping)
        else change(f"{prefix}{name}", value)
        for name, value in tree.items()
    }


class Tokens:
    """Values of the visual language by dotted name.

    Args:
        data: the parsed token file.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self._colors = {scheme: dict(_flat(data[scheme])) for scheme in ("light", "dark")}

    @classmethod
    def load(cls, path: Path = TOKENS_FILE) -> Tokens:
        """Reads the token file at `path`."""
        return cls(json.loads(path.read_text("utf-8")))

    def recolored(self, change: Callable[[str, str], str]) -> Tokens:
        """The same tokens with the colours that `change` makes of each name and present colour."""
        schemes = {scheme: _mapped(self._data[scheme], change) for scheme in ("light", "dark")}
        return Tokens({**self._data, **schemes})

    def color(self, scheme: str, name: str) -> str:
        """``#RRGGBB`` or ``#RRGGBBAA`` of the colour `name` in ``"light"`` or ``"dark"``.

        Raises:
            UnknownTokenError: the file has no such colour.
        """
        try:
            return self._colors[scheme][name]
        except KeyError:
            raise UnknownTokenError(f"{scheme}.{name}") from None

    def color_names(self, scheme: str) -> frozenset[str]:
        """All colour names of a scheme."""
        return frozenset(self._colors[scheme])

    def value(self, name: str) -> Any:
        """Any other token by dotted path, for example ``"width.side"``.

        Raises:
            UnknownTokenError: the file has no such token.
        """
        found: Any = self._data
        for part in name.split("."):
            if not isinstance(found, Mapping) or part not in found:
                raise UnknownTokenError(name)
            found = found[part]
        return found

    def font(self, style: str) -> tuple[float, int]:
        """Factor of the system font's size and weight (400, 500, 600) of a text style."""
        scale, weight = self.value(f"font.style.{style}")
        return self.value(f"font.scale.{scale}"), self.value(f"font.weight.{weight}")


@cache
def default_tokens() -> Tokens:
    """The tokens that travel with the program, read once."""
    return Tokens.load()


def channels(color: str) -> tuple[int, int, int, int]:
    """Red, green, blue, alpha (0 to 255) of ``#RRGGBB`` or ``#RRGGBBAA``."""
    digits = color.lstrip("#")
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    return red, green, blue, int(digits[6:8], 16) if len(digits) == 8 else 255


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two opaque colours, 1 to 21, as WCAG 2.2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    linear = []
    for channel in channels(color)[:3]:
        share = channel / 255
        linear.append(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
