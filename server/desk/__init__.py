"""The staff desk: everything beside a conversation itself."""
