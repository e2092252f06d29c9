"""`Expose`: a folder of files as pages, and nothing outside of it."""

from __future__ import annotations

import fnmatch
import os
from pathlib import Path
from typing import Any, NoReturn

from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.foundation.paths import UnsafePath, safe_join
from runtime.html import CAT, DIV, H3, IMG, SPAN, TABLE, TD, TR, A
from runtime.routing import URL

_IMAGES = frozenset((".bmp", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".tiff"))


class Expose:
    """The files below a folder; the arguments of the address choose what is shown.

    An action ``return dict(files=Expose('/path'))`` shows the folder; a file is
    delivered at once, by an `HTTP` answer. Names that begin with a dot, links
    that lead out, and what `extensions` or `allow` leave out do not exist.

    Args:
        base: the folder.
        basename: what it is called in the page; its own name by default.
        extensions: patterns as ``['*.py', '*.jpg']`` of the files shown; None shows all.
        allow_download: False lists files without delivering them.
        follow_symlink_out: True follows links to other folders.

    Raises:
        HTTP: the file itself, or 404.
    """

    def __init__(
        self,
        base: str | os.PathLike[str] | None = None,
        basename: str | None = None,
        extensions: list[str] | None = None,
        allow_download: bool = True,
        follow_symlink_out: bool = False,
    ) -> None:
        request = current.request
        folder = Path(base) if base else Path(request.folder) / "static"
        self.base = os.path.realpath(folder)
        self.basename = basename or request.function
        self.extensions = extensions
        self.args = [str(part) for part in request.raw_args.split("/") if part] if request.raw_args else []
        self.args = self.args or [str(part) for part in request.args or ()]
        self._follow = follow_symlink_out
        path = self._path()
        if path.is_file():
            if not allow_download or not self._shown(path):
                self._absent()
            inline = path.suffix.lower() in _IMAGES - {".svg"}
            current.response.stream(str(path), request=request, attachment=not inline, filename=path.name)
        if not path.is_dir():
            self._absent()
        self.path = path
        entries = sorted(path.iterdir(), key=lambda one: one.name.lower())
        self.folders = [one.name for one in entries if one.is_dir() and self._visible(one)]
        self.filenames = [one.name for one in entries if one.is_file() and self._shown(one)]

    def _absent(self) -> NoReturn:
        raise HTTP(404, "FILE NOT FOUND")

    def _path(self) -> Path:
        if any(part.startswith(".") for part in self.args):
            self._absent()
        if self._follow:
            if any(set(part) & {"/", "\\", "\0", ":"} for part in self.args):
                self._absent()
            return Path(self.base, *self.args)
        try:
            return safe_join(self.base, *self.args)
        except UnsafePath:
            self._absent()

    def _visible(self, path: Path) -> bool:
        if path.name.startswith("."):
            return False
        real = os.path.realpath(path)
        return self._follow or real.startswith(self.base.rstrip(os.sep) + os.sep)

    def _shown(self, path: Path) -> bool:
        if not self._visible(path):
            return False
        patterns = self.extensions
        return patterns is None or any(fnmatch.fnmatch(path.name, pattern) for pattern in patterns)

    @staticmethod
    def isimage(filename: str) -> bool:
        """Tell whether a name is that of an image."""
        return os.path.splitext(filename)[1].lower() in _IMAGES

    def breadcrumbs(self, basename: Any) -> Any:
        """Return the way from the folder to what is shown, as links."""
        way = [SPAN(), A(basename, _href=URL())]
        for depth, name in enumerate(self.args, 1):
            way += [SPAN("/"), A(name, _href=URL(args=self.args[:depth]))]
        return DIV(*way, _class="path")

    def table_folders(self) -> Any:
        """Return the folders as a table, an empty text when there are none."""
        if not self.folders:
            return ""
        rows = [TR(TD(A(name, _href=URL(args=[*self.args, name])))) for name in self.folders]
        return SPAN(H3(current.T("Folders")), TABLE(*rows, _class="table"))

    def table_files(self, width: int = 160) -> Any:
        """Return the files as a table with small images, an empty text when there are none.

        Args:
            width: of the images, in pixels.
        """
        if not self.filenames:
            return ""
        rows = []
        for name in self.filenames:
            address = URL(args=[*self.args, name])
            image = IMG(_src=address, _alt="", _style=f"max-width:{width}px") if self.isimage(name) else ""
            rows.append(TR(TD(A(name, _href=address)), TD(image)))
        return SPAN(H3(current.T("Files")), TABLE(*rows, _class="table"))

    def xml(self) -> str:
        """Return the page: way, folders, files."""
        return CAT(self.breadcrumbs(self.basename), self.table_folders(), self.table_files()).xml()
