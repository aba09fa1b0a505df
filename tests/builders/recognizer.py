"""A speech recognizer for tests: a server that answers a form with a `file` by what it was told to hear."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Ears:
    """What the server answers, and the files that it was sent: name, kind and bytes."""

    url: str = ""
    status: int = 200
    answer: bytes = json.dumps({"text": " 费电少的冰箱。"}).encode()
    files: list[tuple[str | None, str, bytes]] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Ears]:
    """The server, running."""
    ears = Ears()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
            form = message_from_bytes(head + self.rfile.read(int(self.headers["Content-Length"])))
            for part in form.walk():
                if part.get_param("name", header="content-disposition") == "file":
                    content = part.get_payload(decode=True)
                    ears.files.append((part.get_filename(), part.get_content_type(), bytes(content or b"")))
            self.send_response(ears.status)
            self.send_header("Content-Length", str(len(ears.answer)))
            self.end_headers()
            self.wfile.write(ears.answer)

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        ears.url = f"http://127.0.0.1:{server.server_port}/inference"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield ears
        server.shutdown()
