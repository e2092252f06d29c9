"""What goes wrong between the window, the inspector and an application."""

from __future__ import annotations

from typing import Any

from runtime.foundation.problems import UserError


class InspectorProblem(UserError):
    """A question could not be answered; the text says why, for a person.

    Attributes:
        kind: ``load`` (the models fail), ``unmade`` (they read a table or column that is made only when the
            application is served), ``hang``, ``exit``, ``fork``, ``memory``, ``output``,
            ``limit`` (time is over), ``cancelled``, ``locked``, ``gone`` (no database there), ``refused``
            (the question itself is wrong), ``failed`` (anything else).
        file: where in the application, relative to its folder; empty when not known.
        line: line of `file`; 0 when not known.
        detail: technical text, as a traceback; secrets are hidden.
        data: further facts, as the column of a wrong filter.
    """

    def __init__(
        self,
        kind: str,
        text: str,
        *,
        file: str = "",
        line: int = 0,
        detail: str = "",
        data: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(text)
        self.kind, self.file, self.line, self.detail, self.data = kind, file, line, detail, data or {}

    def as_dict(self) -> dict[str, Any]:
        """Return it as the child sends it and as a report holds it."""
        return {
            "kind": self.kind,
            "message": str(self),
            "file": self.file,
            "line": self.line,
            "detail": self.detail,
            "data": self.data,
        }

    @classmethod
    def of(cls, sent: dict[str, Any]) -> InspectorProblem:
        """Return the problem that `as_dict` has described."""
        return cls(
            str(sent.get("kind", "failed")),
            str(sent.get("message", "")),
            file=str(sent.get("file", "")),
            line=int(sent.get("line", 0)),
            detail=str(sent.get("detail", "")),
            data=sent.get("data") or {},
        )
