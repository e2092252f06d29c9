"""Addresses of actions, and which action a line of a file belongs to (UI-AP-02)."""

from __future__ import annotations

from urllib.parse import quote

from runtime.admin.structure import Structure


def action_at(structure: Structure, path: str, line: int) -> tuple[str, str] | None:
    """Return controller and action that a line of a file is about; None when it is about none.

    Args:
        path: relative to the application.
        line: counted from 1.
    """
    if path.startswith("views/") and path.count("/") == 2:
        _, controller, name = path.split("/")
        function = name.split(".")[0]
        known = {(entry.path, symbol.name) for entry, symbol in structure.actions()}
        return (controller, function) if (f"controllers/{controller}.py", function) in known else None
    found = [symbol for entry, symbol in structure.actions() if entry.path == path]
    if not found:
        return None
    before = [symbol for symbol in found if symbol.line <= line]
    chosen = before[-1] if before else found[0]
    return path.removeprefix("controllers/").removesuffix(".py"), chosen.name


def address_of(
    server: str, application: str, controller: str = "", function: str = "", more: str = ""
) -> str:
    """Return the address of an action.

    Args:
        server: the server's own, as ``http://127.0.0.1:8000``.
        more: what stands behind it: ``1/2?name=value``.
    """
    parts = [quote(part) for part in (application, controller, function) if part]
    if more and not more.startswith("?"):
        parts.append(more.lstrip("/"))
    return f"{server.rstrip('/')}/{'/'.join(parts)}{more if more.startswith('?') else ''}"
