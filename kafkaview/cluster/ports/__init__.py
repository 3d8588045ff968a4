"""What everything above may ask of a cluster: protocols and the values they speak in. No client library."""
