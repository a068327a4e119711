"""What can go wrong in the engine itself. Must never carry any part of a text."""


class RedactorUnavailable(Exception):
    """No redactor can answer: not loaded, its worker died, or its deadline passed. The caller must refuse the text."""
