{
'Notiz': ['Notizen'],
}
