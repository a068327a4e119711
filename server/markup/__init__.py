"""Markdown that people wrote, as HTML that is safe to show."""
