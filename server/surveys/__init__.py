"""Short surveys, for those who agreed to be asked."""
