"""What the README and the release notes quote, measured."""
