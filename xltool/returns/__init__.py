"""Untrusted files → submissions: collecting, identifying, matching, extracting, tampering."""
