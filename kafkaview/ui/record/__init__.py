"""One record on the screen: its bytes, text, headers and neighbours, and every decoder that was tried on it."""
