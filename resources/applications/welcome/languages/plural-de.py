# -*- coding: utf-8 -*-
# "word": ["its first plural form", "its second", ...]
{
'Datensatz': ['Datensätze'],
'Notiz': ['Notizen'],
}
