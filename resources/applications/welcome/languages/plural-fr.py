{
'table': ['tables'],
}
