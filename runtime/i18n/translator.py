"""`TranslatorFactory`: the object `T` of a request (NAMES-02, T-01..T-18, T-M-01)."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from runtime.i18n.accept import accepted_languages
from runtime.i18n.catalog import SOURCE_LANGUAGE, Catalog, TextTable, WordTable, catalog_for, source_text
from runtime.i18n.files import LANGUAGE_CODE, LANGUAGE_NAME, read_dict
from runtime.i18n.lazy import lazyT, plain_lazy
from runtime.i18n.markup import Insertions, render_markmin
from runtime.i18n.placeholders import as_values, compile_text, symbols_given, whole_number
from runtime.i18n.plural_rules import PluralRule

log = logging.getLogger(__name__)

MARKMIN_TAG = "markmin"
FORMAT_ERRORS = (TypeError, ValueError, KeyError, IndexError)


class LanguageInfo(NamedTuple):
    """What `T.get_possible_languages_info` tells of a language; times in seconds, 0 = no file."""

    langcode: str
    langname: str
    langfile_mtime: float
    pluraldict_fname: str
    pluraldict_mtime: float
    prules_langcode: str
    nplurals: int
    get_plural_id: Callable[[int], int]
    construct_plural_form: Callable[[str, int], str]


class TranslatorFactory:
    """Translates the texts of one application for one visitor.

    The files are looked at, and the language is chosen, when that is first
    needed: many requests show no text.

    Args:
        langpath: folder of the language files; it may be absent.
        http_accept_language: header of the request (T-05); None: no wish.

    Attributes:
        current_languages: languages whose text is the source text (T-11).
        requested_languages: what was asked for, the most wanted first.
        accepted_language: the language in use (T-12).
        language_file: path of its file; empty when source texts are shown.
        is_writable: whether unknown texts are added to the file (T-16).
        lazy: whether `T()` gives a `lazyT` (T-14).
        filter, ftag: how `T.M` renders, and its name in keys.
        plural_language, nplurals, get_plural_id, construct_plural_form: the plural rule in use.
        plural_file, plural_dict: the word forms in use.
    """

    def __init__(self, langpath: str | os.PathLike[str], http_accept_language: str | None = None) -> None:
        self.langpath = os.fspath(langpath)
        self.http_accept_language = http_accept_language
        self.is_writable = True
        self.lazy = True
        self.filter: Callable[[str], str] = render_markmin
        self.ftag = MARKMIN_TAG
        self._others: dict[str, TranslatorFactory] = {}
        self._off = False

    if TYPE_CHECKING:  # made by `__getattr__` at their first use, ordinary attributes from then on
        _catalog: Catalog
        current_languages: list[str]
        requested_languages: tuple[str, ...]
        accepted_language: str
        language_file: str
        _table: TextTable
        _rule: PluralRule | None
        _words: WordTable | None
    else:

        def __getattr__(self, name: str) -> Any:
            make = _MADE_LATE.get(name)
            if make is None:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            make(self)
            return self.__dict__[name]

    def _open_catalog(self) -> None:
        self._catalog = catalog_for(self.langpath)
        self._catalog.refresh()

    def _read_default(self) -> None:
        default = self._catalog.default_language()
        self.current_languages = [default] if default else []

    def _read_header(self) -> None:
        self.requested_languages = accepted_languages(self.http_accept_language)

    # -- which language

    def set_current_languages(self, *languages: str | list[str] | tuple[str, ...]) -> None:
        """Say in which languages the source texts are, and look at the files again (T-11).

        Without arguments ``default.py`` tells it.
        """
        names = [name for item in languages for name in ([item] if isinstance(item, str) else item)]
        default = self._catalog.default_language()
        self.current_languages = [name.strip().lower().replace("_", "-") for name in names]
        if not names and default:
            self.current_languages = [default]
        self._catalog.forget()
        self._catalog.refresh()
        self._others.clear()
        self._choose()

    def force(self, *languages: str | None) -> tuple[str, ...]:
        """Use the first of `languages` there is (T-06); None switches translation off (T-07).

        Each may be a name or a header such as ``it, fr;q=0.5``. Returns the names asked for.
        """
        names = [name for item in languages if item for name in accepted_languages(item)]
        self.requested_languages = tuple(dict.fromkeys(names))
        self._off = not any(languages)
        self._choose()
        return self.requested_languages

    def _choose(self) -> None:
        current = tuple(self.current_languages)
        if self._off:
            self.accepted_language, self._table = self._catalog.source_language(current), self._catalog.source
        else:
            self.accepted_language, self._table = self._catalog.choose(self.requested_languages, current)
        self.language_file = self._table.path
        self._rule = self._words = None

    def _in(self, language: str) -> TranslatorFactory:
        """Return the translator for texts in another language (T-08)."""
        other = self._others.get(language)
        if other is None:
            other = TranslatorFactory(self.langpath, None)
            other.current_languages = list(self.current_languages)
            other.force(language)
            other.filter, other.ftag = self.filter, self.ftag
            self._others[language] = other
        other.is_writable = self.is_writable
        return other

    # -- texts

    def __call__(
        self, message: Any, symbols: Any = None, language: str | None = None, lazy: bool | None = None
    ) -> Any:
        """Mark `message` for translation (T-01).

        Args:
            message: the text, with an optional ``##`` comment (T-17).
            symbols: values for its placeholders: one, a list, tuple or dictionary (T-PL-01).
            language: use this language for this text (T-08).
            lazy: translate when shown (True) or now (False); default `self.lazy` (T-14).

        Returns:
            a `lazyT`, or `str` when not lazy.
        """
        if symbols is None and lazy is None and language is None and type(message) is str and self.lazy:
            return plain_lazy(message, self)
        translator = self._in(language) if language else self
        if type(message) is not str:
            if isinstance(message, lazyT):
                message = lazyT(message, symbols)
                return message if (self.lazy if lazy is None else lazy) else str(message)
            message = as_text(message)
        if self.lazy if lazy is None else lazy:
            return lazyT(message, symbols, translator)
        return translator.translate(message, symbols)

    def M(
        self,
        message: Any,
        symbols: Any = None,
        language: str | None = None,
        lazy: bool | None = None,
        filter: Callable[[str], str] | None = None,
        ftag: str | None = None,
    ) -> Any:
        """Like calling `T`, for a text in MARKMIN, rendered to HTML (T-M-01); values are escaped (T-M-02).

        Args:
            filter: another renderer from text to HTML.
            ftag: its name in the keys of language files; default ``userdef``.
        """
        translator = self._in(language) if language else self
        if self.lazy if lazy is None else lazy:
            text = message.m if isinstance(message, lazyT) else as_text(message)
            return lazyT(text, symbols, translator, filter, ftag, True)
        return translator.apply_filter(as_text(message), symbols, filter, ftag)

    def get_t(self, message: str, prefix: str = "") -> str:
        """Return the translation of `message` as it stands in the file, or its own text (T-15, T-17)."""
        key = prefix + message if prefix else message
        text = self._table.shown.get(key)
        if text is not None:
            return text
        if not message:
            return message
        table, default = self._table, self._catalog.default
        fallback = {} if table is self._catalog.source else default.data
        return table.find(key, fallback, self.is_writable and table is not default)

    def translate(self, message: str, symbols: Any = None) -> str:
        """Return `message` translated, with `symbols` put in.

        A translation whose placeholders do not fit is reported once and the
        source text used instead.

        Raises:
            TypeError, ValueError, KeyError, IndexError: the source text itself and `symbols` do not fit.
        """
        text = self.get_t(message)
        if not symbols_given(symbols):
            return text
        return self._substitute(message, text, symbols)

    def _substitute(self, key: str, text: str, symbols: Any) -> str:
        try:
            return self.params_substitution(text, symbols)
        except FORMAT_ERRORS as error:
            source = source_text(key)
            if text == source:
                raise type(error)(f"T({source!r}): {_reason(error)}") from None
            _report_misfit(self.language_file, key, _reason(error))
            return self.params_substitution(source, symbols)

    def params_substitution(self, message: str, symbols: Any) -> str:
        """Return `message`, taken as translated, with `symbols` and plural forms put in (T-PL-03..15)."""
        return compile_text(message).render(as_values(symbols), self.plural)

    def apply_filter(
        self,
        message: str,
        symbols: Any = None,
        filter: Callable[[str], str] | None = None,
        ftag: str | None = None,
    ) -> Any:
        """Return `message` translated and rendered to HTML, as an `XML` object (T-M-01, T-M-02)."""
        from runtime.html.raw import XML

        tag = ftag or ("userdef" if filter else self.ftag)
        prefix = f"@{tag}\x01"
        text = self.get_t(message, prefix)
        render = filter or self.filter
        if not symbols_given(symbols):
            return XML(render(text))
        insertions = Insertions(as_values(symbols))
        text = self._substitute(prefix + message, text, insertions.tokens)
        return XML(insertions.put_into(render(text)))

    # -- plurals

    def plural(self, word: str, n: Any) -> str:
        """Return the form of `word` for `n` of it (T-PL-16..19).

        Raises:
            ValueError: `n` is no number.
        """
        rule = self._plural_rule()
        plural_id = rule.get_plural_id(whole_number(n))
        if plural_id <= 0 or rule.nplurals < 2 or not word:
            return word
        if self._words is None:
            self._words = self._catalog.words(self.accepted_language, rule)
        forms = self._words.forms(word, rule, self.is_writable)
        if not forms:
            return rule.construct_plural_form(word, plural_id)
        return forms[min(plural_id, len(forms)) - 1] or word

    def _plural_rule(self) -> PluralRule:
        if self._rule is None:
            self._rule = self._catalog.rule(self.accepted_language)
        return self._rule

    @property
    def plural_language(self) -> str:
        """The language whose plural rule is used; ``default`` when there is none (T-PL-19)."""
        return self._plural_rule().language

    @property
    def nplurals(self) -> int:
        """How many forms the language in use has."""
        return self._plural_rule().nplurals

    @property
    def get_plural_id(self) -> Callable[[int], int]:
        """Function from a whole number to its form, 0 the singular."""
        return self._plural_rule().get_plural_id

    @property
    def construct_plural_form(self) -> Callable[[str, int], str]:
        """Function from a word and the number of a form to that form."""
        return self._plural_rule().construct_plural_form

    @property
    def plural_file(self) -> str:
        """Path of the file of word forms in use; it may be absent."""
        return self._catalog.words(self.accepted_language, self._plural_rule()).path

    @property
    def plural_dict(self) -> dict[str, list[str]]:
        """The word forms in use."""
        return self._catalog.words(self.accepted_language, self._plural_rule()).data

    # -- what there is

    def get_possible_languages(self) -> list[str]:
        """Return the languages there are files for, and the current ones, sorted."""
        return sorted({*self._catalog.names, *self.current_languages})

    def get_possible_languages_info(self, lang: str | None = None) -> Any:
        """Return `LanguageInfo` of `lang` (None when unknown), or a dictionary of all by name."""
        names = [*self.get_possible_languages(), "default"]
        if lang is not None:
            return self._info(lang) if lang in names else None
        return {name: self._info(name) for name in names}

    def _info(self, name: str) -> LanguageInfo:
        path = os.path.join(self.langpath, f"{name}.py")
        texts = read_dict(path)
        code = texts.get(LANGUAGE_CODE) or (SOURCE_LANGUAGE if name == "default" else name)
        rule = self._catalog.rule(code)
        words = self._catalog.words(code, rule).path
        return LanguageInfo(
            code,
            texts.get(LANGUAGE_NAME) or code,
            _mtime(path),
            os.path.basename(words),
            _mtime(words),
            *rule,
        )


_MADE_LATE: dict[str, Callable[[TranslatorFactory], None]] = {
    "_catalog": TranslatorFactory._open_catalog,
    "current_languages": TranslatorFactory._read_default,
    "requested_languages": TranslatorFactory._read_header,
    **dict.fromkeys(
        ("accepted_language", "language_file", "_table", "_rule", "_words"), TranslatorFactory._choose
    ),
}


def as_text(message: Any) -> str:
    """Return what a program passes to `T` as text; None is empty, bytes are UTF-8."""
    if isinstance(message, bytes):
        return message.decode("utf-8", "replace")
    return "" if message is None else str(message)


_reported: set[tuple[str, str]] = set()


def _report_misfit(file: str, key: str, reason: str) -> None:
    if (file, key) not in _reported and len(_reported) < 1000:
        _reported.add((file, key))
        log.warning("%s: the translation of %r does not fit its values: %s", file, key, reason)


def _reason(error: Exception) -> str:
    return f"no value {error}" if isinstance(error, KeyError) else str(error)


def _mtime(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0
