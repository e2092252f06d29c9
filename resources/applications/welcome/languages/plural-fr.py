{
'note': ['notes'],
}
