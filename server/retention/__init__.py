"""Retention: how long what is kept stays, carried out every night and proven; legal holds."""
