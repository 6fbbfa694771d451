"""The office's own folder, which is trusted: settings, lists, decisions, keys, and the seal."""
