from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from commerce.problems import Problem, respond


class ProblemProtocol(HttpToolsProtocol):
    """uvicorn's own, but what is not HTTP gets a problem in place of its plain text."""

    def send_400_response(self, msg: str) -> None:
        body = respond(
            Problem(400, "bad-request", "The request is not valid HTTP.")
        ).body
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
