"""The flight simulator: a world, and a Graph API over it."""
