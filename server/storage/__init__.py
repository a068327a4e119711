"""The MongoDB client, the embedded engine, declared collections and migrations.

Must not know any capability: each `store.py` brings its own declarations. Only here and there is Motor imported.
"""
