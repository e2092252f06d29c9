"""Earlier versions of records: `archive` and `enable_record_versioning`."""

from __future__ import annotations

from typing import Any

from runtime.dal import Field
from runtime.foundation.current import current
from runtime.tools.auth.base import AuthBase


class AuthVersions(AuthBase):
    """Keeps earlier versions of records; see `Auth`."""

    def enable_record_versioning(
        self,
        tables: Any,
        archive_db: Any = None,
        archive_names: str = "%(tablename)s_archive",
        current_record: str = "current_record",
        current_record_label: Any = None,
    ) -> None:
        """Keep a copy of each record of `tables` before it is changed or deleted.

        Only tables with a field ``modified_on`` are taken. With ``is_active`` among the
        fields, deleting marks a record instead.

        Args:
            tables: a list of tables, or a whole database.
            archive_db: where copies go; the table's own database by default.
            archive_names: name of the table of copies.
            current_record: its field that refers to the record.
            current_record_label: label of that field.
        """
        label = current_record_label or current.T(current_record.replace("_", " ").title())
        for table in list(tables):
            if "modified_on" in table.fields and current_record not in table.fields:
                table._enable_record_versioning(
                    archive_db=archive_db,
                    archive_name=archive_names,
                    current_record=current_record,
                    current_record_label=label,
                )

    @staticmethod
    def archive(
        form: Any,
        archive_table: Any = None,
        current_record: str = "current_record",
        archive_current: bool = False,
        fields: Any = None,
    ) -> Any:
        """Copy the record of a form, as it was before, into its table of earlier versions.

        For ``onaccept`` or ``onsuccess`` of a form that changes a record.

        Args:
            form: a form of a record.
            archive_table: table of copies; ``NAME_archive`` is defined when there is none.
            current_record: its field that refers to the record.
            archive_current: copy the new values instead of the old ones.
            fields: further values of the copy.

        Returns:
            Number of the copy; None when there is no earlier record.
        """
        if not archive_current and not form.record:
            return None
        table = form.table
        if archive_table is None:
            name = f"{table._tablename}_archive"
            if name in table._db.tables:
                archive_table = table._db[name]
            else:
                own = [field.clone(unique=False) for field in table if field.type != "id"]
                archive_table = table._db.define_table(name, Field(current_record, table), *own)
        values = {current_record: form.vars.id if archive_current else form.record.id}
        source = form.vars if archive_current else form.record
        for name in archive_table.fields:
            if name in table.fields and name != "id" and name in source:
                values[name] = source[name]
        values.update(fields or {})
        return archive_table.insert(**values)
