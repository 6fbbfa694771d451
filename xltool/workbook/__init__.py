"""Untrusted bytes → values and facts, read in limited worker processes."""
