"""Meaning to action: which groups stand still, on which record, why, and the way past it."""
