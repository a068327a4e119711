"""Markdown that people wrote, as HTML that is safe to show."""

from server.markup.html import SafeHtml
from server.markup.reading import attachments_of, excerpt, mentions_of, plain_text, quotes_of
from server.markup.rendering import HTML_VERSION, MarkupRules, render

__all__ = [
    "HTML_VERSION",
    "MarkupRules",
    "SafeHtml",
    "attachments_of",
    "excerpt",
    "mentions_of",
    "plain_text",
    "quotes_of",
    "render",
]
