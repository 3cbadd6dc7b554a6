"""Does a simulated account look like a real one? The checks, over simulated accounts and over files alike."""
