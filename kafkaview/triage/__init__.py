"""Triage: which groups stand still, on which record, why, and how they get past it."""
