"""``gluon.sqlhtml``: forms of tables and their widgets."""

from runtime.forms import FORM, SQLFORM, SQLTABLE
from runtime.forms.grid.exporters import (
    ExportClass,
    ExporterCSV,
    ExporterCSV_hidden,
    ExporterHTML,
    ExporterJSON,
    ExporterTSV,
    ExporterTSV_hidden,
    ExporterXML,
)
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
