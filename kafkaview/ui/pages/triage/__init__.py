"""The Triage page: which group stands, on which record, why, and what helps."""
