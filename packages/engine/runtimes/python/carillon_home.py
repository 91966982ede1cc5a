"""
Brings home what a function asks of AWS: whoever connects to a host of AWS gets a connection to the engine, which speaks
plain HTTP. What is sent is not touched: the Host header and the signature tell the engine what is meant.

It is done where connections are made, below all clients: SDKs of any version, urllib, requests. To those who ask for TLS
the connection looks like one. The same goes for clients that take a URL of the engine's apart, drop its port and force
TLS. An old botocore (before 1.31, boto3 before 1.28), which does not know AWS_ENDPOINT_URL, also gets the endpoint by
default, so that what it gives away, such as a presigned URL, leads here too.

Modules are changed as soon as the function's code loads them.
"""

import re
import sys

AWS = re.compile(r"(^|\.)(amazonaws\.com(\.cn)?|api\.aws|on\.aws|api\.amazonwebservices\.com\.cn)\.?$", re.IGNORECASE)
HTTPS_PORT = 443
FIRST_AWARE_BOTOCORE = (1, 31)


class Home(object):
    def __init__(self, endpoint):
        host, port = re.match(r"http://(\[[^\]]+\]|[^:/]+)(?::(\d+))?", endpoint).groups()
        self.endpoint, self.host, self.port = endpoint, host.strip("[]"), int(port or 80)

    def is_meant_by(self, host, port):
        if isinstance(host, bytes):
            host = host.decode("latin-1")
        if not host:
            return False
        if AWS.search(host) or re.search("[-.]" + re.escape(self.host) + "$", host):
            return True
        return host in (self.host, "localhost") and str(port) == str(HTTPS_PORT)


def lead_sockets(socket, home):
    getaddrinfo = socket.getaddrinfo

    def find(host, port, *arguments, **options):
        if home.is_meant_by(host, port):
            host, port = home.host, home.port
        return getaddrinfo(host, port, *arguments, **options)

    socket.getaddrinfo = find


def lead_tls(ssl, home):
    import socket

    class PlainSocket(socket.socket):
        """A plain connection that answers as an encrypted one does."""

        __slots__ = ("server_hostname", "context", "_ssl_io_refs")
        server_side = False
        session = None
        session_reused = False

        def do_handshake(self, block=False):
            pass

        def getpeercert(self, binary_form=False):
            kind = "IP Address" if re.match(r"[\d.]+$|.*:", self.server_hostname or "") else "DNS"
            name = self.server_hostname or home.host
            return b"" if binary_form else {"subject": (), "subjectAltName": ((kind, name),)}

        def cipher(self):
            return ("TLS_AES_128_GCM_SHA256", "TLSv1.3", 128)

        def version(self):
            return "TLSv1.3"

        def pending(self):
            return 0

        def selected_alpn_protocol(self):
            return None

        selected_npn_protocol = compression = selected_alpn_protocol

        def unwrap(self):
            return self

    def plain(sock, server_hostname, context):
        timeout = sock.gettimeout()
        if sys.version_info[0] == 2:
            disguised = PlainSocket(_sock=sock._sock)
        else:
            disguised = PlainSocket(sock.family, sock.type, sock.proto, fileno=sock.detach())
        disguised.settimeout(timeout)
        disguised.server_hostname, disguised.context = server_hostname, context
        return disguised

    def leads_home(sock):
        try:
            return sock.getpeername()[:2] == (home.host, home.port)
        except Exception:
            return False

    wrap_socket = ssl.SSLContext.wrap_socket

    def wrap(self, sock, *arguments, **options):
        if not leads_home(sock):
            return wrap_socket(self, sock, *arguments, **options)
        named = options.get("server_hostname")
        # server_side, do_handshake_on_connect and suppress_ragged_eofs stand before it.
        return plain(sock, arguments[3] if len(arguments) > 3 else named, self)

    ssl.SSLContext.wrap_socket = wrap
    if hasattr(ssl, "wrap_socket"):
        wrap_without_context = ssl.wrap_socket

        def wrap_simply(sock, *arguments, **options):
            return plain(sock, None, None) if leads_home(sock) else wrap_without_context(sock, *arguments, **options)

        ssl.wrap_socket = wrap_simply


def configure_botocore(session_module, home):
    import botocore

    if tuple(int(part) for part in botocore.__version__.split(".")[:2]) >= FIRST_AWARE_BOTOCORE:
        return
    create_client = session_module.Session.create_client

    def create_client_at_home(self, *arguments, **options):
        # endpoint_url is the sixth of botocore's parameters: service_name, region_name, api_version, use_ssl, verify.
        if len(arguments) < 6 and options.get("endpoint_url") is None:
            options["endpoint_url"] = home.endpoint
        return create_client(self, *arguments, **options)

    session_module.Session.create_client = create_client_at_home


CHANGES = {"socket": lead_sockets, "ssl": lead_tls, "botocore.session": configure_botocore}


class Finder(object):
    """Stands aside once a module is found, so that the other finders load it, and changes it when it is loaded."""

    def __init__(self, home):
        self._home = home
        self._awaited = set(CHANGES)

    def change(self, name):
        self._awaited.discard(name)
        CHANGES[name](sys.modules[name], self._home)

    def find_spec(self, name, path=None, target=None):
        if name not in self._awaited:
            return None
        import importlib.util

        self._awaited.discard(name)
        spec = importlib.util.find_spec(name)
        if spec and spec.loader:
            execute = spec.loader.exec_module

            def execute_and_change(module):
                execute(module)
                self.change(name)

            spec.loader.exec_module = execute_and_change
        return spec

    def find_module(self, name, path=None):
        """Python 2."""
        return self if name in self._awaited and sys.version_info[0] == 2 else None

    def load_module(self, name):
        import importlib

        self._awaited.discard(name)
        module = importlib.import_module(name)
        self.change(name)
        return module


def watch(endpoint):
    if not endpoint:
        return
    finder = Finder(Home(endpoint))
    sys.meta_path.insert(0, finder)
    for name in CHANGES:
        if name in sys.modules:
            finder.change(name)
