"""Meta: the only place that knows Graph URLs, fields, codes and headers."""
