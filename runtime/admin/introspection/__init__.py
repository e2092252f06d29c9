"""An existing database described, and models written from the description (DBI-01..03, DBI-07).

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

__all__ = [
    "Column", "Description", "DescriptionError", "Reference", "Table", "apply_description", "differences",
    "from_yaml", "introspect", "to_yaml", "write_models",
]  # fmt: skip
