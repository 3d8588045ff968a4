"""The TLS files of a profile, read and checked, and the TLS contexts made of them."""
