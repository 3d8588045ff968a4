"""Dead letters: where they lie, what they tell of their origin and cause, and how many there are of each."""
