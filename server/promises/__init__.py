"""The promises, each with its control and its living evidence."""
