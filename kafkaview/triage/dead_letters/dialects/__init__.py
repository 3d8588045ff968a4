"""The dialects of dead letters: a file for each, and the registry that lists them."""
