"""The window: it places pages, hands them samples, and forwards actions."""
