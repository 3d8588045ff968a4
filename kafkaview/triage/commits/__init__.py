"""How groups commit: what their coordinators stored of it, or what polling shows, and the style that follows."""
