"""Switches of the translation system that hold for the whole process."""

from __future__ import annotations

check_interval: float = 0.0
"""Seconds for which language files are trusted without looking at the disk (T-21)."""

write_unknown: bool = True
"""Whether a running application may add unknown strings and words to its files (T-15, T-PL-18)."""


def use_production(production: bool = True) -> None:
    """Choose the switches: files looked at once a second and never written, or the development ones."""
    global check_interval, write_unknown
    check_interval = 1.0 if production else 0.0
    write_unknown = not production
