"""What a test does where a service or a program that it needs is not there."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip the test; fail it where HADRON_REQUIRE_SERVICES says that everything has to be there."""
    if os.environ.get("HADRON_REQUIRE_SERVICES"):
        pytest.fail(reason)
    pytest.skip(reason)
