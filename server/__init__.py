"""The Amanah server: one package per capability, `app` composes them."""
