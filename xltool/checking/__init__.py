"""Submissions → findings: the frames, the rules that run on them, the words, the order."""
