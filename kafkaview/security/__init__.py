"""Who may do what: the answer that the broker would give, the rule behind it, and plans that change it."""
