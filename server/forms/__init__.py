"""Sealed forms in chat: templates, sending and filling them, and what is made of them."""
