{
'nota': ['notas'],
}
