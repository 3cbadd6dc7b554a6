"""What a launch is: its spec, its checks, its steps with stable names."""
