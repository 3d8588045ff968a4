"""Re-routes of many records: a plan with counts, and transactions of bounded size."""
