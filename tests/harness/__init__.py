"""A running server and its clients, for the suites that look at the product from outside."""
