"""What can be wrong with a view, said so that its author finds the place."""

from __future__ import annotations

from runtime.foundation.problems import UserError


class TemplateError(UserError):
    """A view cannot be compiled.

    Args:
        path: file of the view, layout or include that holds the mistake.
        line: its line, counted from 1.
        reason: what is wrong and what to do.
    """

    def __init__(self, path: str, line: int, reason: str) -> None:
        super().__init__(f"{path}, line {line}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason

    def __reduce__(self) -> tuple[type[TemplateError], tuple[str, int, str]]:
        return (type(self), (self.path, self.line, self.reason))


class ViewNotFound(UserError):
    """There is no view `name` in the views folder (ACT-07)."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no view {name!r}")
        self.name = name

    def __reduce__(self) -> tuple[type[ViewNotFound], tuple[str]]:
        return (type(self), (self.name,))


class StopView(BaseException):
    """Ends the page where the view says ``{{return}}``; no `Exception`, so that views do not catch it."""
