{
'tabela': ['tabelas'],
}
