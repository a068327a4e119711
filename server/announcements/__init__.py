"""What the company tells everybody: how its services are, what is broken, what is planned."""
