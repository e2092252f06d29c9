{
'Tabelle': ['Tabellen'],
}
