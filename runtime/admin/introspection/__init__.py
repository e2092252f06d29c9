"""An existing database described, and models and screens written from the description (DBI-01..04, DBI-07).

Nothing in here changes a database but `apply`, which says what it would do unless it is told to do it.
"""

from runtime.admin.introspection.apply import apply_description
from runtime.admin.introspection.description import (
    Column,
    Description,
    DescriptionError,
    Reference,
    Table,
    from_yaml,
    to_yaml,
)
from runtime.admin.introspection.differences import differences
from runtime.admin.introspection.models import write_models
from runtime.admin.introspection.reading import introspect
from runtime.admin.introspection.screens import add_screens, write_controller

__all__ = [
    "Column", "Description", "DescriptionError", "Reference", "Table", "add_screens", "apply_description",
    "differences", "from_yaml", "introspect", "to_yaml", "write_controller", "write_models",
]  # fmt: skip
