"""Where this user's own files of the program lie: drafts, and what was thrown away."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def data_folder() -> Path:
    """Where drafts and the bin of this user lie; ``HADRON_DATA_DIR`` names another folder."""
    named = os.environ.get("HADRON_DATA_DIR")
    return Path(named) if named else Path(platformdirs.user_data_dir("Hadron", appauthor=False))
