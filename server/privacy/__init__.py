"""A person's own rights: what they agreed to, and what would be hidden in what they write."""
