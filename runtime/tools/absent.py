"""One helpful error for what needs a package that is missing, or a service that no longer exists."""

from __future__ import annotations

import importlib
from typing import Any, NoReturn

from runtime.foundation.problems import UserError


class MissingPackage(UserError, ImportError):
    """A package that a feature needs is not installed; the text says how to get it."""


class Discontinued(UserError):
    """A feature of old applications that nothing stands behind any more; the text says what does its job."""


class Gone(Discontinued, ImportError):
    """A module of old applications is gone; code that tries an import and goes on without it does so."""


def need(module: str, package: str, purpose: str, extra: str = "") -> Any:
    """Import and return an optional package.

    Args:
        module: name to import.
        package: name to install.
        purpose: what it is needed for, as ``"to read feeds"``.
        extra: optional group of this project that brings it.

    Raises:
        MissingPackage: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        how = f"pip install {package}" + (f", or: pip install 'hadron[{extra}]'" if extra else "")
        raise MissingPackage(
            f"the package {package} is needed {purpose} and is not installed: {how}"
        ) from error


def discontinued(name: str, why: str, instead: str) -> NoReturn:
    """Refuse something that can not work any more.

    Raises:
        Discontinued: always.
    """
    raise Discontinued(f"{name} can not be used: {why}. Instead: {instead}.")
