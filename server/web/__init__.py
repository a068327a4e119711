"""aiohttp plumbing: declared endpoints, sessions, the one error map, pages. Knows no capability's rules."""
