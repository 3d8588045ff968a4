"""What a profile brings to TLS: its files, read and tried, and the contexts that are made of them."""
