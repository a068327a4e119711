"""What tells operators how the server does, without telling of anybody: traces, reports of faults, counts of pages."""
