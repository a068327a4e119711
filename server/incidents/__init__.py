"""Incidents: the register, who is affected, the clock of the law, notices to people and to the authority."""
