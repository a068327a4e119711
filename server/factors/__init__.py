"""What shows that somebody is who they say, beside the password: codes from an app, recovery codes, passkeys."""
