"""What people say about the redaction, counted for the next model."""
