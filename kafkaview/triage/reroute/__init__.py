"""Records to a dead letter queue and groups past them: the plan, its execution, and what came of it."""
