"""Welcome: the ways in while nothing is connected."""
