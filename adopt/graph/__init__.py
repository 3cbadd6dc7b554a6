"""Meta: the only place that knows Graph URLs, fields, codes and headers."""

import sys

# httpx loads a command line of its own, and with it click, rich and pygments: more than all else that it needs.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type] # None: it cannot be imported
