"""The Amanah server: one package per capability, `composition` puts them together."""
