"""Translations: the language files of an application, edited side by side with their sources (TR)."""
