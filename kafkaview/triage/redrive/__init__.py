"""Redrive: dead letters go back to where they came from, each once."""
