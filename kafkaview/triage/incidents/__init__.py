"""Incidents: what stuck groups, scans and log lines found, by cause, kept over restarts."""
