"""Pure policy: verdicts on redacted text. Knows neither servers nor language models."""
