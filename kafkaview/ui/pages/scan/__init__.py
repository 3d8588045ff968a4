"""The Scan page: a topic held to a rule, what breaks it, whom that stops, and what became of it."""
