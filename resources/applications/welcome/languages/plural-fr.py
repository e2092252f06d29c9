# -*- coding: utf-8 -*-
# "word": ["its first plural form", "its second", ...]
{
'enregistrement': ['enregistrements'],
'note': ['notes'],
}
