"""The standing watch: members of a consumer group hold what comes in to rules, and copy poison to a queue."""
