"""`logging.conf` of a site folder, for every process that serves it or works for it (LOG-1)."""

from __future__ import annotations

import os
from pathlib import Path


def read_logging_conf(site: Path) -> tuple[bool, str | None]:
    """Apply the file, when there is one; file names in it are relative to the site folder.

    The working directory changes for a moment: to be called before any thread works.

    Returns:
        Whether logging is set up by it, and what is wrong with it, if anything.
    """
    file = site / "logging.conf"
    if not file.is_file():
        return False, None
    import logging.config  # servers and pickling come with it: for sites that have the file only

    before = os.getcwd()
    try:
        os.chdir(site)
        logging.config.fileConfig(str(file.resolve()), disable_existing_loggers=False, encoding="utf-8")
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        return False, f"logging.conf is not used: {type(error).__name__}: {reason}"
    finally:
        os.chdir(before)
    return True, None
