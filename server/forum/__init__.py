"""The community forum: categories, topics and posts. Public by nature, so nobody is identified in it."""
