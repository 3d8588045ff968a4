"""Bytes in and out of Kafka: one port, its errors, and the real thing behind it."""
