"""One function an operation, over collaborators passed in."""
