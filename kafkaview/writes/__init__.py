"""Every administrative write: a plan that can be shown, printed and tested, then its execution."""
