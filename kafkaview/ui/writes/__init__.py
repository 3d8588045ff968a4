"""The plan dialog: a re-route shown in full, confirmed, carried out, and its outcome in words of effect."""
