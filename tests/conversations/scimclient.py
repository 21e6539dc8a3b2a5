"""A SCIM client of few words, on the standard library only.

    user = scim.post("/Users", {"schemas": [USER], "userName": "ada"}).expect(201).json
    scim.patch(f"/Users/{user['id']}", patch_op(op="replace", value={"active": False})).expect(200)

A client keeps one connection per thread and never retries: a connection that the server drops is a
finding, not noise.
"""

import http.client
import json
import socket
import ssl
import threading
import urllib.parse

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SCIMD = "urn:ietf:params:scim:schemas:extension:scimd:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"

MEDIA_TYPE = "application/scim+json"
TIMEOUT_S = 60  # generous: sanitizers on a busy machine


def patch_op(*operations, **operation):
    """A PatchOp body: patch_op({...}, {...}), or of one operation patch_op(op=..., path=..., value=...)."""
    return {"schemas": [PATCH_OP], "Operations": list(operations) + ([operation] if operation else [])}


class Response:
    """What came back: .status, .headers (names without regard to case), .text, .json."""

    def __init__(self, request, status, headers, content):
        self.request = request  # "POST /demo/scim/v2/Users", for messages
        self.status = status
        self.headers = headers
        self.content = content

    @property
    def text(self):
        return self.content.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def scim_type(self):
        """The scimType of an error body; None if it has none."""
        return self.json.get("scimType")

    def expect(self, status, scim_type=None):
        """Returns itself, so that a line of a test reads as a sentence; fails with both sides of the
        exchange.  For an error status the SCIM error body is checked, too (RFC 7644 section 3.12)."""
        if self.status != status:
            raise AssertionError(f"{self}: expected {status}")
        if status >= 400 and self.content:
            body = self.json
            if body.get("schemas") != [ERROR] or body.get("status") != str(status):
                raise AssertionError(f"{self}: not a SCIM error body")
        if scim_type is not None and self.scim_type != scim_type:
            raise AssertionError(f"{self}: expected scimType {scim_type}")
        return self

    def __repr__(self):
        return f"{self.request} -> {self.status} {self.content[:2000].decode('utf-8', 'replace')}"


class Client:
    """Requests relative to a tenant's SCIM root, with a bearer token."""

    def __init__(self, url, token=None, ca_file=None, headers=None):
        parts = urllib.parse.urlsplit(url)
        self.url = url.rstrip("/")
        self.host, self.port = parts.hostname, parts.port
        self.root = parts.path.rstrip("/")
        self.token = token
        self.headers = dict(headers or {})
        self._tls = ssl.create_default_context(cafile=ca_file) if parts.scheme == "https" else None
        self._local = threading.local()

    def with_token(self, token):
        """The same place, another (or no) token."""
        other = Client.__new__(Client)
        other.__dict__.update(self.__dict__, token=token, _local=threading.local())
        return other

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def head(self, path, **options):
        return self.request("HEAD", path, **options)

    def post(self, path, body=None, **options):
        return self.request("POST", path, body, **options)

    def put(self, path, body=None, **options):
        return self.request("PUT", path, body, **options)

    def patch(self, path, body=None, **options):
        return self.request("PATCH", path, body, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)

    def request(self, method, path, body=None, query=None, headers=None, **parameters):
        """Sends one request and reads the whole answer.

        path:       below the SCIM root; a full URL (a Location header) or, with a leading "//", a
                    path from the server's root are taken as they are
        body:       anything json.dumps takes; bytes and str go as they are
        query:      a dict, for names that are no Python words; else keywords: scim.get("/Users", count=1)
        headers:    added to, and winning over, our own; None as a value leaves a header out
        """
        target = self._target(path, {**(query or {}), **parameters})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode("utf-8")

        fields = {"Accept": MEDIA_TYPE}
        if self.token is not None:
            fields["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            fields["Content-Type"] = MEDIA_TYPE
        fields.update(self.headers)
        fields.update(headers or {})
        fields = {name: value for name, value in fields.items() if value is not None}

        connection = self._connection()
        try:
            connection.request(method, target, body=body, headers=fields)
            answer = connection.getresponse()
            content = answer.read()
        except Exception:
            self.close()
            raise
        return Response(f"{method} {target}", answer.status, answer.headers, content)

    def all(self, path, **parameters):
        """Every resource of a list, page by page with startIndex; fails if a total changes."""
        start, resources = 1, []
        while True:
            page = self.get(path, startIndex=start, **parameters).expect(200).json
            resources += page.get("Resources", [])
            if len(resources) >= page["totalResults"] or not page.get("Resources"):
                assert len(resources) == page["totalResults"], page["totalResults"]
                return resources
            start = len(resources) + 1

    def raw(self, data, shut=True):
        """Sends bytes as they are on a connection of its own, and returns all that comes back until
        the server closes.  For what no HTTP library would send.  shut: close our sending side."""
        with socket.create_connection((self.host, self.port), timeout=TIMEOUT_S) as plain:
            wrapped = self._tls.wrap_socket(plain, server_hostname=self.host) if self._tls else plain
            with wrapped as stream:
                stream.sendall(data)
                if shut and self._tls is None:
                    stream.shutdown(socket.SHUT_WR)
                chunks = []
                while True:
                    try:
                        chunk = stream.recv(65536)
                    except ConnectionResetError:
                        break
                    if not chunk:
                        break
                    chunks.append(chunk)
                return b"".join(chunks)

    def close(self):
        """Drops this thread's connection; the next request opens a new one."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def _target(self, path, parameters):
        if path.startswith(("http://", "https://")):
            parts = urllib.parse.urlsplit(path)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
        elif path.startswith("//"):
            target = path[1:]
        else:
            target = self.root + path
        if parameters:
            encoded = urllib.parse.urlencode(parameters, quote_via=urllib.parse.quote)
            target += ("&" if "?" in target else "?") + encoded
        return target

    def _connection(self):
        connection = getattr(self._local, "connection", None)
        if connection is None:
            if self._tls is not None:
                connection = http.client.HTTPSConnection(
                    self.host, self.port, timeout=TIMEOUT_S, context=self._tls
                )
            else:
                connection = http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT_S)
            self._local.connection = connection
        return connection


class UnixClient(Client):
    """The same over a Unix socket: the admin side."""

    def __init__(self, path):
        super().__init__("http://localhost:80")
        self._path = path

    def _connection(self):
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection("localhost", timeout=TIMEOUT_S)
            connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.sock.settimeout(TIMEOUT_S)
            connection.sock.connect(self._path)
            # a connection that was closed is made anew by us, never by http.client over TCP
            connection.auto_open = 0
            self._local.connection = connection
        return connection

    def request(self, method, path, body=None, **options):
        try:
            return super().request(method, path, body, **options)
        finally:
            self.close()
