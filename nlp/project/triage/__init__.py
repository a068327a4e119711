"""Texts written by hand, and how the triage model is made of them and measured."""
