"""People whom other sites vouch for: the sites, their keys, and the short-lived word that they give."""
