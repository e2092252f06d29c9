"""Wiki text as a PDF document, set by the program ``pdflatex`` (LIB-3)."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from runtime.foundation.problems import UserError
from runtime.html.markmin.markmin2latex import markmin2latex

_LOOKS_WORSE = ("LaTeX Warning", "Overfull", "Underfull")
SEARCHED = os.defpath
"""Where the program finds its own helpers."""

SECONDS = 60
"""Longest time that setting a document may take."""


class PdfError(UserError):
    """No PDF could be made; the text says why."""


def latex2pdf(latex: str, program: str = "pdflatex") -> tuple[bytes, list[str], list[str]]:
    """Return a LaTeX document as PDF, with the warnings and errors of the program.

    Args:
        latex: the whole document. It can neither run programs nor read files outside of its folder.
        program: name or path of ``pdflatex``.

    Raises:
        PdfError: the program is not installed, took too long, or made nothing.
    """
    path = shutil.which(program)
    if path is None:
        raise PdfError(
            "PDF documents need the program pdflatex: install texlive-latex-base (Debian), or TeX Live"
        )
    with tempfile.TemporaryDirectory(prefix="hadron-pdf-") as folder:
        (Path(folder) / "page.tex").write_text(latex, encoding="utf-8")
        command = [path, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
        environment = {"openin_any": "p", "openout_any": "p", "HOME": folder, "PATH": SEARCHED}
        try:
            for _ in range(2):  # references are right after the second run
                done = subprocess.run(
                    command, cwd=folder, env=environment, capture_output=True, timeout=SECONDS, check=False
                )
        except subprocess.TimeoutExpired as error:
            raise PdfError(f"pdflatex took longer than {SECONDS} seconds") from error
        lines = done.stdout.decode("utf-8", "replace").splitlines()
        errors = [line for line in lines if line.startswith("!")]
        result = Path(folder) / "page.pdf"
        if not result.exists():
            raise PdfError(f"pdflatex made no document: {'; '.join(errors) or 'see its log'}")
        warnings = [line for line in lines if line.startswith(_LOOKS_WORSE)]
        return result.read_bytes(), warnings, errors


def markmin2pdf(
    text: str,
    image_mapper: Callable[[str], Any] = lambda x: None,
    extra: Mapping[str, Callable[..., Any]] | None = None,
) -> tuple[bytes, list[str], list[str]]:
    """Return wiki text as PDF, with the warnings and errors of ``pdflatex``.

    Args:
        text: MARKMIN.
        image_mapper: returns the file of an image's address; None leaves the image out.
        extra: renderers of marked blocks, as for LaTeX.

    Raises:
        PdfError: as for `latex2pdf`.
    """
    return latex2pdf(markmin2latex(text, image_mapper=image_mapper, extra=dict(extra or {})))
