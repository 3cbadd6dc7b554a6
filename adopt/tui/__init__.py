"""The dashboard in the terminal: screens and widgets over the client; no logic of its own."""
