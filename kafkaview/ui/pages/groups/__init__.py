"""The Groups page: every consumer group, where it stands and how far it lags."""
