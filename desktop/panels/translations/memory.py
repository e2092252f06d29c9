"""Suggestions: what the same or a similar source is called elsewhere in the site (TR-14)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from runtime.foundation.problems import UserError
from runtime.i18n.catalog import source_text
from runtime.i18n.files import META_KEYS, load_texts


@dataclass(frozen=True)
class Suggestion:
    """A text used elsewhere for the same or a similar source; `likeness` in percent."""

    text: str
    where: str
    likeness: int


class Memory:
    """Translations of one language across a site: source to texts, each with the application it is in."""

    def __init__(self, site_applications: list[Path], own: Path, language: str) -> None:
        self._texts: dict[str, dict[str, str]] = {}
        base = language.partition("-")[0]
        for application in site_applications:
            names = (language, base) if application == own else (language, base, f"{base}-{base}")
            for name in dict.fromkeys(names):
                if application == own and name == language:
                    continue
                self._take(application, name, "" if application != own else name)

    def _take(self, application: Path, language: str, label: str) -> None:
        try:
            texts = load_texts(application / "languages" / f"{language}.py")
        except UserError:
            return
        for key, text in texts.items():
            source = source_text(key)
            if text not in ("", key, source) and key not in META_KEYS:
                self._texts.setdefault(source, {}).setdefault(text, label or application.name)

    def add(self, source: str, text: str, where: str) -> None:
        """Learn one more text."""
        self._texts.setdefault(source, {}).setdefault(text, where)

    def suggest(self, source: str, most: int = 5, least: int = 60) -> list[Suggestion]:
        """The most alike texts, best first, at least `least` percent alike."""
        from rapidfuzz import fuzz, process

        found = process.extract(
            source, self._texts.keys(), scorer=fuzz.ratio, limit=most * 2, score_cutoff=least
        )
        out: dict[str, Suggestion] = {}
        for known, score, _ in found:
            percent = 100 if known == source else min(99, round(score))
            for text, where in self._texts[known].items():
                out.setdefault(text, Suggestion(text, where, percent))
        return list(out.values())[:most]
