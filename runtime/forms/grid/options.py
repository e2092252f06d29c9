"""What a grid was asked for: the documented arguments of ``SQLFORM.grid`` in one object."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from runtime.html import XML

UI: dict[str, dict[str, str]] = {
    "web2py": {
        "widget": "",
        "header": "",
        "content": "",
        "default": "",
        "cornerall": "",
        "cornertop": "",
        "cornerbottom": "",
        "button": "button btn btn-default btn-secondary",
        "buttontext": "buttontext button",
        "buttonadd": "icon plus icon-plus glyphicon glyphicon-plus",
        "buttonback": "icon arrowleft icon-arrow-left glyphicon glyphicon-arrow-left",
        "buttonexport": "icon downarrow icon-download glyphicon glyphicon-download",
        "buttondelete": "icon trash icon-trash glyphicon glyphicon-trash",
        "buttonedit": "icon pen icon-pencil glyphicon glyphicon-pencil",
        "buttontable": "icon rightarrow icon-arrow-right glyphicon glyphicon-arrow-right",
        "buttonview": "icon magnifier icon-zoom-in glyphicon glyphicon-zoom-in",
    },
    "jquery-ui": {
        "widget": "ui-widget",
        "header": "ui-widget-header",
        "content": "ui-widget-content",
        "default": "ui-state-default",
        "cornerall": "ui-corner-all",
        "cornertop": "ui-corner-top",
        "cornerbottom": "ui-corner-bottom",
        "button": "ui-button-text-icon-primary",
        "buttontext": "ui-button-text",
        "buttonadd": "ui-icon ui-icon-plusthick",
        "buttonback": "ui-icon ui-icon-arrowthick-1-w",
        "buttonexport": "ui-icon ui-icon-transferthick-e-w",
        "buttondelete": "ui-icon ui-icon-trash",
        "buttonedit": "ui-icon ui-icon-pencil",
        "buttontable": "ui-icon ui-icon-triangle-1-e",
        "buttonview": "ui-icon ui-icon-zoomin",
    },
}
"""Style classes of the parts of a grid, by the name given as `ui`."""

Allowed = bool | Callable[[Any], Any]


@dataclass
class GridOptions:
    """The arguments of a grid.

    Attributes:
        fields: columns, default every readable field; also virtual ones. One that is not readable is read for
            the functions of `links` and `represent`, and not shown.
        field_id: the field that tells the records apart; default id or key of the query's first table.
        left: left joins.
        headers: column texts by ``table.field``, or ``'fieldname:capitalize'``.
        orderby, groupby: of the select; a visitor's choice of column goes first.
        searchable: False, True, or a function ``(fields, keywords) -> Query``.
        sortable: column heads are links that sort.
        paginate: records a page; None shows all.
        deletable, editable, details: bool, or function of the record; `details` shows one record.
        create: bool, or function of nothing: may records be added.
        selectable: function of the list of ids (or keys, as with `ondelete`), or list of
            ``(text, function[, class])``: boxes and buttons.
        csv: offer exports.
        links: further columns: functions of the record, or dictionaries ``header``, ``body``.
        links_in_grid: False shows `links` on the pages of one record only.
        upload: address that delivers uploads; default this page's with ``download``.
        args: arguments of the address that belong to the action itself.
        user_signature: adding, changing and deleting need an address signed for the visitor.
        maxtextlengths, maxtextlength: characters shown of a text, by ``table.field`` and otherwise.
        onvalidation, onfailure, oncreate, onupdate, ondelete: functions called as with ``SQLFORM``;
            `ondelete` gets the table and the id, the value of a key of one field, or a dictionary of the key.
        sorter_icons: shown beside the column that sorts: ascending, descending.
        ui: ``'web2py'``, ``'jquery-ui'`` or a dictionary of style classes.
        showbuttontext: words beside the icons of buttons.
        formname: tells several grids of a page apart.
        search_widget: ``'default'``, None, or a function ``(fields, address) -> element``.
        advanced_search: offer the builder of queries.
        ignore_rw: show and write fields that are not readable or writable.
        formstyle, formargs, createargs, editargs, viewargs: for the forms.
        exportclasses: exporters by name, ``None`` takes one away.
        selectable_submit_button: text of the button of `selectable`.
        buttons_placement, links_placement: ``'left'``, ``'right'`` or ``'both'``.
        noconfirm: delete without a question.
        cache_count: a number, a function of the set, or ``(cache.ram, seconds)``.
        client_side_delete: take the row off the page instead of loading the page again.
        ignore_common_filters: of the set.
        auto_pagination: a page beyond the last one shows the last one.
        use_cursor: accepted, without effect: a way of a service that is no more.
        represent_none: text for values that are missing.
        showblobs: show values of type blob.
    """

    fields: Sequence[Any] | None = None
    field_id: Any = None
    left: Any = None
    headers: Mapping[str, Any] | str = field(default_factory=dict)
    orderby: Any = None
    groupby: Any = None
    searchable: Any = True
    sortable: bool = True
    paginate: int | None = 20
    deletable: Allowed = True
    editable: Allowed = True
    details: Allowed = True
    selectable: Any = None
    create: Any = True
    csv: bool = True
    links: Sequence[Any] | None = None
    links_in_grid: bool = True
    upload: str | None = "<default>"
    args: Sequence[Any] = ()
    user_signature: bool = True
    maxtextlengths: Mapping[str, int] = field(default_factory=dict)
    maxtextlength: int = 20
    onvalidation: Any = None
    onfailure: Any = None
    oncreate: Any = None
    onupdate: Any = None
    ondelete: Any = None
    sorter_icons: tuple[Any, Any] = (XML("&#x25B2;"), XML("&#x25BC;"))
    ui: str | Mapping[str, str] = "web2py"
    showbuttontext: bool = True
    _class: str = "web2py_grid"
    formname: str = "web2py_grid"
    search_widget: Any = "default"
    advanced_search: bool = True
    ignore_rw: bool = False
    formstyle: Any = None
    exportclasses: Mapping[str, Any] | None = None
    formargs: Mapping[str, Any] = field(default_factory=dict)
    createargs: Mapping[str, Any] = field(default_factory=dict)
    editargs: Mapping[str, Any] = field(default_factory=dict)
    viewargs: Mapping[str, Any] = field(default_factory=dict)
    selectable_submit_button: Any = "Submit"
    buttons_placement: str = "right"
    links_placement: str = "right"
    noconfirm: bool = False
    cache_count: Any = None
    client_side_delete: bool = False
    ignore_common_filters: bool | None = None
    auto_pagination: bool = True
    use_cursor: bool = False
    represent_none: Any = None
    showblobs: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> GridOptions:
        """Return the options of the arguments of a call.

        Raises:
            TypeError: an argument that grids do not have; the text names it.
        """
        known = {each.name for each in fields(cls)}
        unknown = sorted(set(given) - known)
        if unknown:
            raise TypeError(f"SQLFORM.grid has no argument {', '.join(map(repr, unknown))}")
        return cls(**given)

    @property
    def styles(self) -> Mapping[str, str]:
        """Style classes by part.

        Raises:
            RuntimeError: `ui` names no known set.
        """
        if not isinstance(self.ui, str):
            return {**UI["web2py"], **self.ui}
        if self.ui not in UI:
            raise RuntimeError(f"not a valid ui for a grid: {self.ui!r}; use {' or '.join(map(repr, UI))}")
        return UI[self.ui]
