"""The desktop's options: one table, one readable file, one signal."""
