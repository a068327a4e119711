"""Mail to people: what it says, the queue that survives a kill, and the way out by SMTP."""
