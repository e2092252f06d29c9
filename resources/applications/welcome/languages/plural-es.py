{
'tabla': ['tablas'],
}
