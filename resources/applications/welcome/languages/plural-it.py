{
'tabella': ['tabelle'],
}
