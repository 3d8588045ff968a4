"""The ports implemented with requests to real Kafka brokers."""
