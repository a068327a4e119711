"""What it costs to bring something to somebody."""
