"""Every write, stored with its payload and the state before it, before it is made."""
