"""Accepted submissions → one data set, its conflicts, and the files that hold it."""
