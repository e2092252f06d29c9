"""``gluon.sqlhtml``: forms of tables and their widgets."""

from runtime.forms import FORM, SQLFORM
from runtime.forms.widgets import (
    AutocompleteWidget,
    BooleanWidget,
    CheckboxesWidget,
    DatetimeWidget,
    DateWidget,
    DecimalWidget,
    DoubleWidget,
    IntegerWidget,
    JSONWidget,
    ListWidget,
    MultipleOptionsWidget,
    OptionsWidget,
    PasswordWidget,
    RadioWidget,
    StringWidget,
    TextWidget,
    TimeWidget,
    UploadWidget,
)
from runtime.forms.widgets.base import FormWidget
