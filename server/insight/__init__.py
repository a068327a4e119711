"""What feedback says in sum: figures for staff, and reports that may be shared without telling of anybody."""
