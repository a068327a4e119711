"""Text in, text and spans out. Knows nothing of servers.

Importing this package loads nothing: the pure modules (`labels`, `spans`, `placeholders`) stay usable without spaCy.
"""
