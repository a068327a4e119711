"""The Amanah server: one package per capability, `parts` composes them."""
