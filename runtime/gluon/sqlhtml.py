"""``gluon.sqlhtml``: forms of tables and their widgets."""

from runtime.forms import FORM, SQLFORM, SQLTABLE
from runtime.forms.bootstrap import bootstrap as formstyle_bootstrap
from runtime.forms.bootstrap import bootstrap3_inline as formstyle_bootstrap3_inline
from runtime.forms.bootstrap import bootstrap3_inline_factory as formstyle_bootstrap3_inline_factory
from runtime.forms.bootstrap import bootstrap3_stacked as formstyle_bootstrap3_stacked
from runtime.forms.bootstrap import bootstrap4_inline as formstyle_bootstrap4_inline
from runtime.forms.bootstrap import bootstrap4_inline_factory as formstyle_bootstrap4_inline_factory
from runtime.forms.bootstrap import bootstrap4_stacked as formstyle_bootstrap4_stacked
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
from runtime.forms.layout import represent
from runtime.forms.styles import divs as formstyle_divs
from runtime.forms.styles import inline as formstyle_inline
from runtime.forms.styles import table2cols as formstyle_table2cols
from runtime.forms.styles import table3cols as formstyle_table3cols
from runtime.forms.styles import ul as formstyle_ul
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
