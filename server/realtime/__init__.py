"""Socket.IO plumbing: one typed event table, acks, rooms, fan-out. Knows no capability's rules."""
