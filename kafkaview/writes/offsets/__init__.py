"""Changes of committed offsets: what is asked for, the plan, its execution, and its undo from the journal."""
