# -*- coding: utf-8 -*-
# "word": ["its first plural form", "its second", ...]
{
'note': ['notes'],
'record': ['records'],
}
