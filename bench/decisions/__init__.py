"""How good the decisions are: worlds with known truths, policies that see polls only, and what each earns."""
