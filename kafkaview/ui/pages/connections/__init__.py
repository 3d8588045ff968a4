"""Connections: the saved profiles, the form of one, and the doctor that tells why it does not connect."""
