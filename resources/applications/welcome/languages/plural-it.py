# -*- coding: utf-8 -*-
# "word": ["its first plural form", "its second", ...]
{
'nota': ['note'],
'record': ['record'],
}
