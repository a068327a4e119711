"""The audit trail: who did what to which thing and when, in a chain that shows every later change."""
