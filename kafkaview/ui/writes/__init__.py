"""The dialog of a plan: shown in full, confirmed, carried out, with its outcome."""
