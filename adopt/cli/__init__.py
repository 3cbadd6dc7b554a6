"""The command line: one file a noun, thin, loaded when its command runs."""
