"""The composition root: `parts` starts every part, each file beside it builds one capability. Serves nothing."""
