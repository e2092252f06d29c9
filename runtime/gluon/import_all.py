"""``gluon.import_all``: loads what applications may import, for programs that freeze them (SITE-08)."""

from __future__ import annotations

import importlib

MODULES = (
    "cache", "compileapp", "contenttype", "custom_import", "dal", "fileutils", "globals", "html", "http",
    "languages", "main", "rewrite", "sanitizer", "serializers", "settings", "shell", "sqlhtml", "storage",
    "streamer", "template", "tools", "utils", "validators",
)  # fmt: skip
for _name in MODULES:
    importlib.import_module(f"gluon.{_name}")

__all__ = ["MODULES"]
