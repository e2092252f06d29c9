"""The administration password of each site folder: keyring, encrypted file, or memory."""

from desktop.secrets.store import SecretResult, SecretStore, strength_hint

__all__ = ["SecretResult", "SecretStore", "strength_hint"]
