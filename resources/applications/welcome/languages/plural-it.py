{
'nota': ['note'],
}
