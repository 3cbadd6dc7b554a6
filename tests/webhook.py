"""A channel that listens: a webhook on this machine."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Hook:
    """A webhook on this machine that keeps what it is sent; it refuses as many messages as it is told to."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.refuse = 0
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if hook.refuse:
                    hook.refuse -= 1
                    self.send_response(503)
                else:
                    hook.heard.append(json.loads(body))
                    self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self.server.server_address[1]}/secret-path-0123456789"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def texts(self) -> list[str]:
        return [message["message"] for message in self.heard]

    def wait(self, what: Callable[[], bool], seconds: float = 60.0) -> None:
        """Until it has heard what it waits for."""
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, f"it heard only {self.texts}"
            time.sleep(0.1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
