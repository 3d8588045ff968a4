"""Welcome: what is shown while nothing is connected."""
