"""Re-routing records to a dead letter queue, and groups past them: the plan, its execution and its outcome."""
