"""Findings → terminal, JSON, page and list; and the log of who returned what, and when."""
