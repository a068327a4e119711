"""The demo: an invented vendor with customers, agents, a forum and a board. Everything enters through the services."""
