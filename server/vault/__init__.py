"""Keys of people: made, wrapped under the master key, used, wrapped anew, destroyed."""
