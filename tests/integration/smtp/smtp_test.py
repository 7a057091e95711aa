"""Runs smtp_send (the SMTP transport) against real servers: aiosmtpd for what servers do, bare sockets for what breaks."""

import contextlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

PROGRAM = sys.argv.pop(1)
FROM, TO = "links@acme.example", "jane@example.net"
MESSAGE = b"Subject: hello\r\n\r\n.a line that begins with a dot\r\ncaf=C3=A9\r\n" + (b"x" * 70 + b"\r\n") * 1_000
PASSWORD = "correct horse battery staple"


def send(port, security, *more, message=MESSAGE, to=TO):
    done = subprocess.run([PROGRAM, "127.0.0.1", str(port), security, FROM, to, *more], input=message,
                          capture_output=True, timeout=60, check=False)
    if done.returncode != 0:
        raise AssertionError(f"smtp_send ended with {done.returncode}: {done.stderr!r}")
    word, _, reason = done.stdout.decode().strip().partition(" ")
    said = done.stdout + done.stderr
    if PASSWORD.encode() in said:
        raise AssertionError("the password was printed")
    return word, reason


class Inbox:
    """Keeps what it is given; answers RCPT and DATA as it is told, in turn."""

    def __init__(self, rcpt=(), data=()):
        self.rcpt, self.data, self.got = list(rcpt), list(data), []

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.rcpt.pop(0) if self.rcpt else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        answer = self.data.pop(0) if self.data else "250 OK"
        if answer.startswith("250"):
            self.got.append((envelope.mail_from, envelope.rcpt_tos, envelope.content, session.ssl is not None))
        return answer


class FreePort(Controller):
    """A controller on a free port, with the options of aiosmtpd's SMTP class."""

    def __init__(self, handler, ssl_context=None, **options):
        self.options = options
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        super().__init__(handler, hostname="127.0.0.1", port=port, ssl_context=ssl_context)

    def factory(self):
        return SMTP(self.handler, hostname="mail.test", **self.options)


@contextlib.contextmanager
def server(handler, **options):
    controller = FreePort(handler, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextlib.contextmanager
def talker(script):
    """A server made of a function that gets the connection; for everything a decent server would not do."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    script(connection, connection.makefile("rb"))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def polite(connection, lines, until):
    """Greets and agrees to every command up to `until`."""
    connection.sendall(b"220 mail.test\r\n")
    for line in lines:
        if line.upper().startswith(until):
            return
        connection.sendall(b"250 OK\r\n")


class Certificates:
    def __init__(self, folder):
        self.cert, key = folder / "cert.pem", folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(self.cert)],
                       check=True, capture_output=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.cert, key)


class Smtp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="postern-smtp-")
        cls.certificates = Certificates(Path(cls.folder.name))
        cls.ca = ("--ca", str(cls.certificates.cert))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_accepted_byte_for_byte(self):
        inbox = Inbox()
        with server(inbox) as port:
            self.assertEqual(send(port, "none"), ("yes", ""))
        self.assertEqual(inbox.got, [(FROM, [TO], MESSAGE, False)])

    def test_greylisted_then_accepted(self):
        inbox = Inbox(rcpt=["451 4.7.1 Greylisted, come back in 5 minutes"])
        with server(inbox) as port:
            self.assertEqual(send(port, "none"), ("later", "451 4.7.1 Greylisted, come back in 5 minutes"))
            self.assertEqual(inbox.got, [])
            self.assertEqual(send(port, "none"), ("yes", ""))
        self.assertEqual(len(inbox.got), 1)

    def test_refused_for_ever(self):
        inbox = Inbox(rcpt=["550 5.1.1 No mailbox for <jane@example.net> here, ask postmaster@example.net"])
        with server(inbox) as port:
            self.assertEqual(send(port, "none"), ("never", "550 5.1.1 No mailbox for <(address)> here, ask (address)"))
        self.assertEqual(inbox.got, [])

    def test_refused_after_the_message(self):
        with server(Inbox(data=["554 5.6.0 Not wanted", "452 4.3.1 Disk full"])) as port:
            self.assertEqual(send(port, "none"), ("never", "554 5.6.0 Not wanted"))
            self.assertEqual(send(port, "none"), ("later", "452 4.3.1 Disk full"))

    def test_refused_connection(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            self.assertEqual(send(port, "none"), ("later", f"the mail server 127.0.0.1:{port} does not answer"))

    def test_server_that_takes_nobody(self):
        with talker(lambda connection, lines: connection.sendall(b"554 5.3.2 No service here\r\n")) as port:
            word, reason = send(port, "none")
            self.assertEqual(word, "later")
            self.assertIn("554 5.3.2 No service here", reason)
        with talker(lambda connection, lines: connection.sendall(b"421 4.3.2 Going down\r\n")) as port:
            self.assertEqual(send(port, "none")[0], "later")

    def test_cut_in_the_middle_of_the_message(self):
        def cut(connection, lines):
            polite(connection, lines, b"DATA")
            connection.sendall(b"354 go on\r\n")
            connection.recv(1000)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

        with talker(cut) as port:
            self.assertEqual(send(port, "none", message=MESSAGE * 40), ("later", f"the mail server 127.0.0.1:{port} cut the connection"))

    def test_cut_before_the_last_answer(self):
        def cut(connection, lines):
            polite(connection, lines, b"DATA")
            connection.sendall(b"354 go on\r\n")
            for line in lines:
                if line == b".\r\n":
                    return

        with talker(cut) as port:
            word, reason = send(port, "none")
            self.assertEqual(word, "later")
            self.assertIn("cut the connection", reason)

    def test_silent_server(self):
        with talker(lambda connection, lines: lines.read()) as port:
            self.assertEqual(send(port, "none", "--timeout", "1000"), ("later", f"the mail server 127.0.0.1:{port} was too slow"))

    def test_starttls(self):
        inbox = Inbox()
        with server(inbox, tls_context=self.certificates.context, require_starttls=True) as port:
            self.assertEqual(send(port, "starttls", *self.ca), ("yes", ""))
            self.assertTrue(inbox.got[0][3])
            word, reason = send(port, "none")
            self.assertEqual(word, "later")
            self.assertIn("530", reason)

    def test_starttls_not_offered_sends_nothing(self):
        heard = []

        def no_tls(connection, lines):
            connection.sendall(b"220 mail.test\r\n")
            for line in lines:
                heard.append(line)
                connection.sendall(b"250 OK\r\n")

        with talker(no_tls) as port:
            word, reason = send(port, "starttls", "--user", "postern", "--password", PASSWORD)
        self.assertEqual(word, "later")
        self.assertIn("does not offer STARTTLS, which the settings require; nothing was sent", reason)
        self.assertFalse([line for line in heard if line.startswith((b"AUTH", b"MAIL"))], heard)

    def test_certificate_that_is_not_trusted(self):
        inbox = Inbox()
        with server(inbox, tls_context=self.certificates.context) as port:
            word, reason = send(port, "starttls")
            self.assertEqual(word, "later")
            self.assertIn("certificate that is not trusted; nothing was sent", reason)
        self.assertEqual(inbox.got, [])

    def test_tls_from_the_first_byte(self):
        inbox = Inbox()
        with server(inbox, ssl_context=self.certificates.context) as port:
            self.assertEqual(send(port, "tls", *self.ca), ("yes", ""))
        self.assertEqual(len(inbox.got), 1)

    def test_login(self):
        def check(server_, session, envelope, mechanism, data):
            good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"postern", PASSWORD.encode())
            return AuthResult(success=good, handled=False)

        inbox = Inbox()
        options = {"tls_context": self.certificates.context, "require_starttls": True, "auth_required": True, "authenticator": check}
        with server(inbox, **options) as port:
            self.assertEqual(send(port, "starttls", *self.ca, "--user", "postern", "--password", PASSWORD), ("yes", ""))
            self.assertEqual(send(port, "starttls", *self.ca, "--user", "postern", "--password", "wrong"),
                             ("later", f"the mail server 127.0.0.1:{port} refused the user name or password"))
            word, reason = send(port, "starttls", *self.ca)
            self.assertEqual(word, "later")
            self.assertIn("530", reason)
        self.assertEqual(len(inbox.got), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
