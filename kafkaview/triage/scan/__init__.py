"""Scans: reading topics through for records that violate a rule."""
