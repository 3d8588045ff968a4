"""Dead letters are mended by a rule, and held to what the readers of the target take, before they are sent back."""
