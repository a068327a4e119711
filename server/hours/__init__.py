"""When support answers, and how soon."""
