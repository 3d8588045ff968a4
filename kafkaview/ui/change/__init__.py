"""The dialog of every administrative write: a ChangePlan shown in full, confirmed, carried out, and what came of it."""
