"""Other ways to log in, for ``auth.settings.login_methods`` and ``login_form`` (LIB-34..50)."""
