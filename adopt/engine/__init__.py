"""The brain: snapshot in, verdicts and plan out. Pure."""
