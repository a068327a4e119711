"""Moderation: reports, the queue, decisions, appeals, sanctions. What is decided is `moderation`'s policy."""
