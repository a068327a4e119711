"""Notices: what people are told about themselves, live and to be read later. What happened, never what was said."""
