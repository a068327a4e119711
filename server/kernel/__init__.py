"""What every capability shares. Pure: no I/O and no framework."""
