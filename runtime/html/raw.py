"""`XML`: text that is markup already and is not escaped (NAMES-04)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runtime.html.element import Render, XmlComponent
from runtime.html.sanitizer import ALLOWED_ATTRIBUTES, PERMITTED_TAGS, sanitize_html


class XML(XmlComponent):
    """Markup taken as it is, or after removing what is not allowed.

    Args:
        text: the markup; other objects are converted by ``str()``.
        sanitize: keep only permitted tags and attributes, escape the rest (SEC-02).
        permitted_tags: names; those of elements without content end with ``/``.
        allowed_attributes: names of attributes for each tag.

    It compares, slices and is measured as its text. ``XML + XML`` is markup,
    ``XML + str`` a plain text, ``XML + tag`` a `CAT`.
    """

    def __init__(
        self,
        text: Any,
        sanitize: bool = False,
        permitted_tags: Sequence[str] = PERMITTED_TAGS,
        allowed_attributes: Mapping[str, Sequence[str]] = ALLOWED_ATTRIBUTES,
    ) -> None:
        source = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
        self.text = sanitize_html(source, permitted_tags, allowed_attributes) if sanitize else source

    def xml(self) -> str:
        return self.text

    def __add__(self, other: Any) -> Any:
        if isinstance(other, XML):
            return XML(self.text + other.text)
        return super().__add__(other) if isinstance(other, XmlComponent) else f"{self.text}{other}"

    def __radd__(self, other: Any) -> str:
        return f"{other}{self.text}"

    def __eq__(self, other: object) -> bool:
        return self.text == str(other)

    def __lt__(self, other: Any) -> bool:
        return self.text < str(other)

    def __le__(self, other: Any) -> bool:
        return self.text <= str(other)

    def __gt__(self, other: Any) -> bool:
        return self.text > str(other)

    def __ge__(self, other: Any) -> bool:
        return self.text >= str(other)

    def __hash__(self) -> int:
        return hash(self.text)

    def __len__(self) -> int:
        return len(self.text)

    def __bool__(self) -> bool:
        return bool(self.text)

    def __iter__(self) -> Iterator[str]:
        return iter(self.text)

    def __contains__(self, part: Any) -> bool:
        return str(part) in self.text

    def __getitem__(self, key: int | slice) -> str:
        return self.text[key]

    def __getattr__(self, name: str) -> Any:
        # Methods of text such as `upper` or `replace` work, and return plain text.
        if name.startswith("__") or name == "text":
            raise AttributeError(name)
        return getattr(self.text, name)

    def flatten(self, render: Render | None = None) -> str:
        """Return the text, passed through `render` when given."""
        return render(self.text, None, {}) if render else self.text

    def elements(self, *selectors: str, **conditions: Any) -> list[Any]:
        """Return an empty list: raw markup has no tree (parse it with ``TAG(text)``)."""
        return []

    def element(self, *selectors: str, **conditions: Any) -> None:
        """Return None, as `elements` finds nothing."""
