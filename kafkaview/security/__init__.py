"""Who may do what: the answer that the broker would give, by which rule, and plans that change it."""
