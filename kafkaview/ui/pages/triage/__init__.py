"""The Triage page: which group is stuck, on which record, why, and what helps."""
