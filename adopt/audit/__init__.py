"""Reading a person's own export: any CSV in, one account's figures out. No network, no account."""
