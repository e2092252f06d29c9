"""Groups, memberships, permissions."""

from __future__ import annotations

from typing import Any

from runtime.foundation.current import current
from runtime.tools.auth.base import AuthBase


class AuthRights(AuthBase):
    """Groups and what they may do; see `Auth`."""

    user_groups: dict[Any, Any]

    # -- groups --------------------------------------------------------------------------------------

    def add_group(self, role: str, description: str = "") -> Any:
        """Make a group; return its number."""
        group_id = self.table_group().insert(role=role, description=description)
        self.log_event(self.messages.add_group_log, {"group_id": group_id, "role": role})
        return group_id

    def del_group(self, group_id: Any) -> None:
        """Delete a group with its memberships and permissions."""
        db = self.db
        db(self.table_membership().group_id == group_id).delete()
        db(self.table_permission().group_id == group_id).delete()
        db(self.table_group().id == group_id).delete()
        if group_id in self.user_groups:
            self.update_groups()
        self.log_event(self.messages.del_group_log, {"group_id": group_id})

    def id_group(self, role: str) -> Any:
        """Return the number of a group, None when there is none of that role."""
        row = self.db(self.table_group().role == role).select(self.table_group().id, limitby=(0, 1)).first()
        return row.id if row else None

    def user_group(self, user_id: Any = None) -> Any:
        """Return the number of the group that belongs to one user alone."""
        return self.id_group(self.user_group_role(user_id))

    def user_group_role(self, user_id: Any = None) -> Any:
        """Return the role of the group that belongs to one user alone; None when users have none."""
        pattern = self.settings.create_user_groups
        if not pattern:
            return None
        user = self.table_user()(user_id) if user_id else self.user
        return pattern % user if user else None

    def update_groups(self) -> None:
        """Read the groups of the user who is logged in; remembered with the session."""
        if not self.user:
            return
        group, membership = self.table_group(), self.table_membership()
        query = (membership.user_id == self.user.id) & (membership.group_id == group.id)
        rows = self.db(query).select(group.id, group.role)
        self.user_groups = {row.id: row.role for row in rows}
        session = getattr(current, "session", None)
        if session is not None and session.auth:
            session.auth.user_groups = dict(self.user_groups)

    def groups_of(self, user_id: Any) -> Any:
        """Return the records of the groups of a user."""
        group, membership = self.table_group(), self.table_membership()
        query = (membership.user_id == user_id) & (membership.group_id == group.id)
        return self.db(query).select(group.ALL, orderby=group.role)

    # -- memberships ---------------------------------------------------------------------------------

    def _group_of(self, group_id: Any, role: Any) -> Any:
        """Return the number of a group that was named by number, role, or nothing (the user's own)."""
        if group_id is None and role is not None:
            return self.id_group(role)
        if group_id is None:
            return self.user_group()
        try:
            return int(group_id)
        except (TypeError, ValueError):
            return self.id_group(group_id)  # a role in the place of the number

    def add_membership(self, group_id: Any = None, user_id: Any = None, role: Any = None) -> Any:
        """Put a user into a group; return the number of the membership.

        Args:
            group_id: number or role of the group.
            user_id: number of the user; who is logged in by default.
            role: role of the group.

        Raises:
            ValueError: there is no such group, or nobody is logged in.
        """
        found = self._group_of(group_id, role)
        user_id = user_id or self.user_id
        if not found or not user_id:
            what = "user" if found else f"group {role or group_id!r}"
            raise ValueError(f"add_membership: there is no {what}")
        table = self.table_membership()
        known = self.db((table.user_id == user_id) & (table.group_id == found)).select(table.id).first()
        if known:
            return known.id
        number = table.insert(group_id=found, user_id=user_id)
        self._groups_changed(user_id)
        self.log_event(self.messages.add_membership_log, {"user_id": user_id, "group_id": found})
        return number

    def del_membership(self, group_id: Any = None, user_id: Any = None, role: Any = None) -> int:
        """Take a user out of a group; return how many memberships went. Arguments as for `add_membership`."""
        found = self._group_of(group_id, role)
        user_id = user_id or self.user_id
        table = self.table_membership()
        count = int(self.db((table.user_id == user_id) & (table.group_id == found)).delete())
        self._groups_changed(user_id)
        self.log_event(self.messages.del_membership_log, {"user_id": user_id, "group_id": found})
        return count

    def _groups_changed(self, user_id: Any) -> None:
        if self.user and str(user_id) == str(self.user.id):
            self.update_groups()

    def has_membership(
        self, group_id: Any = None, user_id: Any = None, role: Any = None, cached: bool = False
    ) -> bool:
        """Tell whether a user is in a group.

        Args:
            group_id: number or role of the group.
            user_id: number of the user; who is logged in by default.
            role: role of the group.
            cached: believe what the session remembers, without asking the database.
        """
        if not user_id and cached:
            groups = self.user_groups
            result = (role or group_id) in groups.values() or group_id in groups
        else:
            found = self._group_of(group_id, role)
            user_id = user_id or self.user_id
            table = self.table_membership()
            result = bool(
                found
                and user_id
                and self.db((table.user_id == user_id) & (table.group_id == found)).select(
                    table.id, limitby=(0, 1)
                )
            )
        values = {"user_id": user_id or self.user_id, "group_id": group_id, "check": result}
        self.log_event(self.messages.has_membership_log, values)
        return result

    # -- permissions ---------------------------------------------------------------------------------

    def add_permission(
        self, group_id: Any, name: str = "any", table_name: Any = "", record_id: int = 0
    ) -> Any:
        """Let a group do something; return the number of the permission.

        Args:
            group_id: number of the group; 0 is the user's own.
            name: what, as ``"read"``.
            table_name: table, or its name, it is done to.
            record_id: number of the record; 0 is all of them.
        """
        table = self.table_permission()
        group_id = group_id or self.user_group()
        record_id = int(record_id or 0)
        values = {
            "group_id": group_id,
            "name": name,
            "table_name": str(table_name),
            "record_id": record_id,
        }
        query = table.group_id == group_id
        for key in ("name", "table_name", "record_id"):
            query &= table[key] == values[key]
        known = self.db(query).select(table.id, limitby=(0, 1)).first()
        number = known.id if known else table.insert(**values)
        self.log_event(self.messages.add_permission_log, values | {"permission_id": number})
        return number

    def del_permission(
        self, group_id: Any, name: str = "any", table_name: Any = "", record_id: int = 0
    ) -> int:
        """Take a permission away; return how many went. Arguments as for `add_permission`."""
        table = self.table_permission()
        query = (table.group_id == group_id) & (table.name == name)
        query &= (table.table_name == str(table_name)) & (table.record_id == int(record_id or 0))
        values = {"group_id": group_id, "name": name, "table_name": table_name, "record_id": record_id}
        self.log_event(self.messages.del_permission_log, values)
        return int(self.db(query).delete())

    def _groups_query(self, column: Any, user_id: Any) -> Any:
        """Return the query for the groups of a user, the one of everybody included."""
        membership = self.table_membership()
        mine = self.db(membership.user_id == user_id)._select(membership.group_id)
        query = column.belongs(mine)
        everybody = self.settings.everybody_group_id
        return query | (column == everybody) if everybody else query

    def has_permission(
        self,
        name: str = "any",
        table_name: Any = "",
        record_id: Any = 0,
        user_id: Any = None,
        group_id: Any = None,
    ) -> bool:
        """Tell whether a user, or a group, may do something.

        A permission for record 0 holds for all records.

        Args:
            name: what.
            table_name: table, or its name.
            record_id: number of the record.
            user_id: who is logged in by default.
            group_id: ask for a group instead of a user.
        """
        user_id = user_id or self.user_id
        everybody = self.settings.everybody_group_id
        table = self.table_permission()
        if group_id:
            who = table.group_id == group_id
        elif user_id:
            who = self._groups_query(table.group_id, user_id)
        elif everybody:
            who = table.group_id == everybody
        else:
            who = None
        result = False
        if who is not None:
            query = who & (table.name == name) & (table.table_name == str(table_name))
            try:
                number = int(record_id or 0)
            except (TypeError, ValueError):
                number = -1  # no record has it; a permission for all of them still counts
            which = (table.record_id == 0) | (table.record_id == None)  # noqa: E711  # a query
            if number:
                which |= table.record_id == number
            result = bool(self.db(query & which).select(table.id, limitby=(0, 1)))
        values = {"user_id": user_id, "name": name, "table_name": table_name, "record_id": record_id}
        if user_id:
            self.log_event(self.messages.has_permission_log, values)
        return result

    def accessible_query(self, name: str, table: Any, user_id: Any = None) -> Any:
        """Return the query for the records that a user may do something to.

        ``db(auth.accessible_query('read', db.page)).select()`` shows what may be read.

        Args:
            name: what.
            table: table; of several the query holds for each.
            user_id: who is logged in by default.
        """
        if isinstance(table, (list, tuple)):
            queries = [self.accessible_query(name, one, user_id) for one in table]
            query = queries[0]
            for other in queries[1:]:
                query |= other
            return query
        user_id = user_id or self.user_id
        if isinstance(table, str):
            table = self.db[table]
        if not user_id and not self.settings.everybody_group_id:
            return table.id == 0
        if self.has_permission(name, table, 0, user_id):
            return table.id > 0
        permission = self.table_permission()
        if user_id:
            who = self._groups_query(permission.group_id, user_id)
        else:
            who = permission.group_id == self.settings.everybody_group_id
        query = who & (permission.name == name) & (permission.table_name == str(table))
        return table.id.belongs(self.db(query)._select(permission.record_id))
