"""Tells other programs, at addresses that administrators choose, what happened: ids and states, signed."""
