"""Markdown that people wrote, as HTML that is safe to show."""

from server.markup.html import SafeHtml
from server.markup.reading import Reading, attachments_of, excerpt, mentions_of, plain_text, quotes_of, read
from server.markup.rendering import MarkupRules, render

__all__ = [
    "MarkupRules",
    "Reading",
    "SafeHtml",
    "attachments_of",
    "excerpt",
    "mentions_of",
    "plain_text",
    "quotes_of",
    "read",
    "render",
]
