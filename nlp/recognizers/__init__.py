"""Patterns for identifiers other than names: one small file a family, each with its structure, source and traps."""
