"""Who we are to a cluster."""
