"""Form styles for Bootstrap 2 to 5: the classes its style sheets look for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runtime.forms.styles import FormRow, FormStyle
from runtime.html import CAT, DIV, INPUT, LABEL, SELECT, SPAN, TEXTAREA


@dataclass(frozen=True)
class _Classes:
    """Class names of one version of Bootstrap."""

    group: str
    control: str
    select: str
    file: str
    check: str = ""
    check_wrap: str = ""
    check_label: str = ""
    submit: str = "btn btn-primary"
    help: str = "help-block"
    invalid: str = ""
    label: str = ""


_B2 = _Classes(
    "control-group", "input-xlarge", "input-xlarge", "", check_wrap="checkbox", label="control-label"
)
_B3 = _Classes("form-group", "form-control", "form-control", "", check_wrap="checkbox", label="control-label")
_B4 = _Classes(
    "form-group", "form-control", "form-control custom-select", "form-control-file", "form-check-input",
    "form-check", "form-check-label", help="form-text text-muted small", invalid="is-invalid",
    label="form-control-label",
)  # fmt: skip
_B5 = _Classes(
    "mb-3", "form-control", "form-select", "form-control", "form-check-input", "form-check",
    "form-check-label", help="form-text", invalid="is-invalid", label="form-label",
)  # fmt: skip


def _dress(control: Any, classes: _Classes, form: Any) -> bool:
    """Give every control inside `control` its class; tell whether it is a single checkbox."""
    nodes = []
    if hasattr(control, "_descendants"):
        nodes = [node for node in (control, *control._descendants()) if isinstance(node, INPUT)]
    for node in nodes:
        kind = str(node["_type"] or "").lower()
        if kind in ("hidden", "button", "image"):
            continue
        if kind in ("submit", "reset"):
            node.add_class(classes.submit)
        elif kind in ("checkbox", "radio"):
            node.add_class(classes.check)
        elif isinstance(node, SELECT):
            node.add_class(classes.select)
        elif isinstance(node, TEXTAREA) or kind != "file":
            _dress_lines(node, classes)
        else:
            node.add_class(classes.file)
        if classes.invalid:
            node["invalid_class"] = classes.invalid
    return len(nodes) == 1 and nodes[0] is control and str(control["_type"]).lower() == "checkbox"


def _dress_lines(node: Any, classes: _Classes) -> None:
    if node.tag == "ul":  # the lines of a list get the class, not the list
        node["line_class"] = f"{node['line_class']} {classes.control}"
        node.add_class("list-unstyled")
    else:
        node.add_class(classes.control)


def _help(comment: Any, classes: _Classes) -> Any:
    return SPAN(comment, _class=classes.help) if comment not in (None, "") else ""


def _stacked(form: Any, rows: list[FormRow], classes: _Classes) -> Any:
    out = []
    for identity, label, control, comment in rows:
        single = _dress(control, classes, form)
        comment = _help(comment, classes)
        if single and isinstance(label, LABEL):
            label.add_class(classes.check_label)
            if classes is _B3 or classes is _B2:
                label.insert(0, control)
                inside: list[Any] = [DIV(label, _class=classes.check_wrap), comment]
            else:
                inside = [DIV(control, label, comment, _class=classes.check_wrap)]
        else:
            if isinstance(label, LABEL):
                label.add_class(classes.label)
            inside = [label, control, comment]
        out.append(DIV(*inside, _class=classes.group, _id=identity))
    return CAT(*out)


def _beside(
    form: Any, rows: list[FormRow], classes: _Classes, row: str, label_class: str, wide: str, alone: str
) -> Any:
    out = []
    for identity, label, control, comment in rows:
        single = _dress(control, classes, form)
        comment = _help(comment, classes)
        if single and isinstance(label, LABEL):
            label.add_class(classes.check_label)
            box = DIV(control, label, comment, _class=classes.check_wrap)
            out.append(DIV(DIV(box, _class=alone), _class=row, _id=identity))
            continue
        if isinstance(label, LABEL):
            label.add_class(label_class)
            out.append(DIV(label, DIV(control, comment, _class=wide), _class=row, _id=identity))
        else:
            out.append(DIV(DIV(label, control, comment, _class=alone), _class=row, _id=identity))
    return CAT(*out)


def bootstrap(form: Any, rows: list[FormRow]) -> Any:
    """Bootstrap 2, labels beside the controls."""
    form.add_class("form-horizontal")
    return _beside(form, rows, _B2, "control-group", "control-label", "controls", "controls")


def bootstrap3_stacked(form: Any, rows: list[FormRow]) -> Any:
    """Bootstrap 3, labels above the controls."""
    return _stacked(form, rows, _B3)


def bootstrap3_inline_factory(col_label_size: int = 3) -> FormStyle:
    """Return the style of Bootstrap 3 with labels beside the controls.

    Args:
        col_label_size: how many of the 12 columns the labels take.
    """
    wide = f"col-sm-{12 - col_label_size}"

    def style(form: Any, rows: list[FormRow]) -> Any:
        form.add_class("form-horizontal")
        label, alone = f"control-label col-sm-{col_label_size}", f"{wide} col-sm-offset-{col_label_size}"
        return _beside(form, rows, _B3, "form-group", label, wide, alone)

    return style


bootstrap3_inline = bootstrap3_inline_factory()
"""Bootstrap 3, labels beside the controls."""


def bootstrap4_stacked(form: Any, rows: list[FormRow]) -> Any:
    """Bootstrap 4, labels above the controls."""
    return _stacked(form, rows, _B4)


def bootstrap4_inline_factory(col_label_size: int = 3) -> FormStyle:
    """Return the style of Bootstrap 4 with labels beside the controls.

    Args:
        col_label_size: how many of the 12 columns the labels take.
    """
    wide = f"col-sm-{12 - col_label_size}"

    def style(form: Any, rows: list[FormRow]) -> Any:
        label, alone = f"col-form-label col-sm-{col_label_size}", f"{wide} offset-sm-{col_label_size}"
        return _beside(form, rows, _B4, "form-group row", label, wide, alone)

    return style


bootstrap4_inline = bootstrap4_inline_factory()
"""Bootstrap 4, labels beside the controls."""


def bootstrap5_stacked(form: Any, rows: list[FormRow]) -> Any:
    """Bootstrap 5, labels above the controls."""
    return _stacked(form, rows, _B5)


def bootstrap5_inline(form: Any, rows: list[FormRow]) -> Any:
    """Bootstrap 5, labels beside the controls."""
    wide, alone = "col-sm-9", "col-sm-9 offset-sm-3"
    return _beside(form, rows, _B5, "row mb-3", "col-form-label col-sm-3", wide, alone)
