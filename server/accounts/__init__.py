"""Who people are to the system: accounts, passwords, sessions."""
