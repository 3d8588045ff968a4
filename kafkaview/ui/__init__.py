"""The window: what is seen and clicked. Everything else of kafkaview runs without it."""
