"""People as others in the community see them: handle, picture, profile, standing. Never a name, never an address."""
