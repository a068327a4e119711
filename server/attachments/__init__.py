"""Images that people attach: made anew from their pixels, kept encrypted, served at an address of their own."""
