"""Connections: the saved profiles, the form of one, and the doctor that says why it does not connect."""
