"""kafkaview: find the record that stops a Kafka consumer group, and get the group going again."""

__version__ = "0.1.0"
