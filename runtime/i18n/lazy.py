"""`lazyT`: a text that is translated when it is shown (T-04, T-13, AMB-10)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from runtime.foundation.current import current
from runtime.foundation.escape import xmlescape
from runtime.i18n.placeholders import symbols_given

if TYPE_CHECKING:
    from runtime.i18n.translator import TranslatorFactory

TEXT_METHODS = frozenset(name for name in dir(str) if not name.startswith("_"))


def _compared(compare: Callable[[str, str], bool]) -> Callable[[lazyT, object], bool]:
    def method(self: lazyT, other: object) -> bool:
        return compare(str(self), str(other)) if isinstance(other, (str, lazyT)) else NotImplemented

    return method


class lazyT:  # noqa: N801 - documented name
    """Stands for a text wherever one is taken; `str()` translates, each time anew.

    Args:
        message: the text to translate, with its ``##`` comment, or another `lazyT`.
        symbols: values for its placeholders; none by default.
        T: the translator; None means ``current.T`` at the time it is shown.
        filter: renders the translated text to HTML (`T.M`).
        ftag: name of `filter` in keys of language files.
        M: the text is markup; `str()` gives HTML and `xml()` does not escape.
    """

    __slots__ = ("M", "T", "f", "m", "s", "t")
    m: str
    s: Any
    T: TranslatorFactory | None
    f: Callable[[str], str] | None
    t: str | None
    M: bool

    def __init__(
        self,
        message: Any,
        symbols: Any = None,
        T: TranslatorFactory | None = None,
        filter: Callable[[str], str] | None = None,
        ftag: str | None = None,
        M: bool = False,
    ) -> None:
        if isinstance(message, lazyT):
            self.m, self.T, self.f, self.t, self.M = message.m, message.T, message.f, message.t, message.M
            self.s = symbols if symbols_given(symbols) else message.s
            return
        self.m = message
        self.s = symbols
        self.T = T
        self.f = filter
        self.t = ftag
        self.M = M

    def __str__(self) -> str:
        translator: TranslatorFactory = self.T or current.T
        if self.M:
            return str(translator.apply_filter(self.m, self.s, self.f, self.t))
        if self.s is None:
            return translator.get_t(self.m)
        return translator.translate(self.m, self.s)

    def __repr__(self) -> str:
        return f"<lazyT {self.m!r}>"

    def xml(self) -> str:
        """Return the text for HTML: escaped unless it is markup (T-M-01)."""
        return str(self) if self.M else xmlescape(str(self))

    __html__ = xml

    def custom_json(self) -> str:
        """Return the text, for JSON."""
        return str(self)

    def __mod__(self, symbols: Any) -> Any:
        if symbols_given(self.s):
            return str(self) % symbols
        return lazyT(self.m, symbols, self.T, self.f, self.t, self.M)

    def __add__(self, other: Any) -> str:
        return f"{self}{other}"

    def __radd__(self, other: Any) -> str:
        return f"{other}{self}"

    def __mul__(self, count: int) -> str:
        return str(self) * count

    __rmul__ = __mul__

    __eq__ = _compared(operator.eq)
    __lt__ = _compared(operator.lt)
    __le__ = _compared(operator.le)
    __gt__ = _compared(operator.gt)
    __ge__ = _compared(operator.ge)

    def __hash__(self) -> int:
        return hash(str(self))

    def __len__(self) -> int:
        return len(str(self))

    def __bool__(self) -> bool:
        return bool(str(self))

    def __iter__(self) -> Iterator[str]:
        return iter(str(self))

    def __contains__(self, part: Any) -> bool:
        return str(part) in str(self)

    def __getitem__(self, key: int | slice) -> str:
        return str(self)[key]

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __getattr__(self, name: str) -> Any:
        if name not in TEXT_METHODS:
            raise AttributeError(f"lazyT has no attribute {name!r}")
        return getattr(str(self), name)

    def __copy__(self) -> lazyT:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> lazyT:
        return self

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        # Pickled as the text of now: the translator belongs to a request.
        if self.M:
            from runtime.html.raw import XML

            return XML, (str(self),)
        return str, (str(self),)


def plain_lazy(message: str, translator: TranslatorFactory) -> lazyT:
    """Return ``lazyT(message, None, translator)``, in half the time: models make hundreds of labels."""
    made: lazyT = _new(lazyT)
    made.m = message
    made.s = made.f = made.t = None
    made.T = translator
    made.M = False
    return made


_new = object.__new__


def json_default(value: Any) -> Any:
    """Return a `lazyT` as text; the ``default=`` function for `json.dumps`.

    Raises:
        TypeError: `value` is something else.
    """
    if isinstance(value, lazyT):
        return str(value)
    raise TypeError(f"{type(value).__name__} can not be written as JSON")
