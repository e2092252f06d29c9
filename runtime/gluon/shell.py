"""``gluon.shell``: running files in an application's environment, and the environment itself."""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from runtime.web.exec_environment import exec_environment
from runtime.web.outside import Place, environment_of


def env(
    a: str,
    import_models: bool = False,
    c: str | None = None,
    f: str | None = None,
    dir: str = "",
    extra_request: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the environment of an application, for a plain script or a test.

    It lasts until the process ends, which rolls back what was not committed.

    Args:
        a: name of the application.
        import_models: run its models.
        c: controller to execute; its functions are in the environment then.
        f: function that `request` names.
        dir: folder of the application, where that is not in the site of ``HADRON_SITE``, else of the
            current folder.
        extra_request: further items of `request`.

    Raises:
        UserError: there is no such application or controller.
    """
    site = Path(dir).resolve().parents[1] if dir else Path(os.environ.get("HADRON_SITE") or os.getcwd())
    stack = ExitStack()
    place = Place(a, c or "", f or "")
    environment = stack.enter_context(environment_of(site.resolve(), place, models=import_models))
    atexit.register(stack.close)
    environment["request"].update(extra_request or {})
    return environment


__all__ = ["env", "exec_environment"]
