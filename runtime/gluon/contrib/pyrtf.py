"""``gluon.contrib.pyrtf``: RTF documents (LIB-12)."""

from runtime.tools.contrib.rtf import TEXT, B, Document, I, Paragraph, Renderer, Section, U, dumps

__all__ = ["TEXT", "B", "Document", "I", "Paragraph", "Renderer", "Section", "U", "dumps"]
