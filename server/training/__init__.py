"""Lessons about keeping data safe: for staff with a pass that ends (promises A5, S2), for everybody (A6)."""
