"""The process that keeps time: it polls, optimizes, launches and tells, while nobody looks."""
