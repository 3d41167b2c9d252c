"""A mail server of other people: aiosmtpd, with STARTTLS and a login, that refuses by address.

    aiosmtpd_server.py CERTIFICATE KEY

Prints its port, then a line for each message that it takes. Ends when its input ends.
"""

import email
import socket
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        for prefix, answer in (("gone", "550 5.1.1 unknown"), ("later", "451 4.2.0 greylisted")):
            if address.startswith(prefix):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("drop"):
            server.transport.abort()
            return "250 nobody hears this"
        message = email.message_from_bytes(envelope.content)
        tls = session.ssl is not None
        print("taken", message["Message-ID"], envelope.mail_from, *envelope.rcpt_tos, tls, flush=True)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    if data.login == b"arke" and data.password == b"s3cret":
        return AuthResult(success=True)
    # With `handled`, which is the default, the client would wait for an answer that never comes.
    return AuthResult(success=False, handled=False)


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    controller = Controller(
        Handler(),
        hostname="127.0.0.1",
        port=0,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
    )
    # Its own probe would go to the port that was asked for, 0.
    port = lambda: controller.server.sockets[0].getsockname()[1]
    controller._trigger_server = lambda: socket.create_connection(("127.0.0.1", port())).close()
    controller.start()
    print("port", port(), flush=True)
    sys.stdin.read()
    controller.stop()


main()
