"""Dead letters: the topics that hold them, why they are there, and each of them."""
