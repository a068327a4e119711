"""The rights of people about what is kept of them: to know, to take along, to correct, to restrict, to have erased."""
