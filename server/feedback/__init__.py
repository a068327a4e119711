"""Suggestions, criticism, complaints and impressions: giving them, the public board, and what staff do with them."""
