"""The command line: one thin file for commands that belong together; nothing else prints or exits."""
