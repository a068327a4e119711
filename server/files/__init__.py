"""Files of conversations: told by their content, cleaned in a process of their own, kept under the customer's key."""
