"""The inspector: a child process that runs an application's models and answers questions about them.

What may hang, leak, print or end its process never runs in the window. `Inspectors` is the door:
``Inspectors(site).of("shop").describe()``. The modules below `child` run in the child only and are
not imported here, so that asking costs the window nothing.
"""

from __future__ import annotations

from runtime.admin.inspector.client import Inspector, Limits
from runtime.admin.inspector.pool import Inspectors
from runtime.admin.inspector.problems import InspectorProblem

__all__ = ["Inspector", "InspectorProblem", "Inspectors", "Limits"]
