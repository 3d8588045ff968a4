"""The ports, answered by real Kafka brokers."""
