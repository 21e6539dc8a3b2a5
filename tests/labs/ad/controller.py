"""A running domain controller: a copy of a template, started, stopped, killed, restored.

    with Controller.make(directory, size=200) as controller:
        controller.environment   # for the processes that talk to it
        controller.database()    # the same data, without a server in between

A controller ends with the process that started it: Samba watches a pipe that only this process holds
open, and --maximum-runtime bounds what even that would miss.
"""

import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import time
import uuid

import domain
import provision
import template
from domain import LabFailed

SAMBA = "/usr/sbin/samba"
MAXIMUM_RUNTIME_S = 3600
START_S = 60
STOP_S = 30
POLL_S = 0.02  # Samba tells nobody when its last child listens or is gone
LDAP_PORT, KERBEROS_PORT, LDAPS_PORT = 389, 88, 636
ADDRESSES = [f"127.{second}.0.10" for second in range(64, 128)]


def _tlv(tag, content):
    return bytes([tag, len(content)]) + content


# An LDAP search (RFC 4511, section 4.5.1) of the root entry for isSynchronized, anonymous, as bytes:
# readiness must not depend on a client library.
_ROOT_SEARCH = _tlv(0x30, _tlv(0x02, b"\1") + _tlv(
    0x63,
    _tlv(0x04, b"") + _tlv(0x0A, b"\0") + _tlv(0x0A, b"\0")  # base, scope, aliases
    + _tlv(0x02, b"\0") + _tlv(0x02, b"\0") + _tlv(0x01, b"\0")  # limits, types only
    + _tlv(0x87, b"objectClass") + _tlv(0x30, _tlv(0x04, b"isSynchronized")),
))


def take_address(wanted=None):
    """Reserves a loopback address (this one, or any) for this process; returns (address, reservation).

    Two labs can't share an address, as LDAP's and Kerberos' ports are fixed."""
    candidates = [wanted] if wanted else random.sample(ADDRESSES, len(ADDRESSES))
    for address in candidates:
        reservation = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            reservation.bind(f"\0scimd-lab-ad-{address}")  # goes with the process, leaves no file
        except OSError:
            reservation.close()
            continue
        if wanted or ports_free(address):  # one that was ours may take a moment: start() waits for it
            return address, reservation
        reservation.close()
    raise LabFailed(f"no loopback address is free for a domain controller: tried {', '.join(candidates)}")


def ports_free(address):
    for port in (LDAP_PORT, KERBEROS_PORT, LDAPS_PORT):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def answers(address):
    """True if LDAP says that it is synchronized and the KDC takes connections."""
    try:
        with socket.create_connection((address, KERBEROS_PORT), timeout=START_S):
            pass
        with socket.create_connection((address, LDAPS_PORT), timeout=START_S):
            pass
        with socket.create_connection((address, LDAP_PORT), timeout=START_S) as ldap:
            ldap.sendall(_ROOT_SEARCH)
            return b"TRUE" in ldap.recv(4096)
    except OSError:
        return False


class Controller:
    """A lab under `directory`: see provision.py for the files."""

    def __init__(self, directory, address, reservation=None, strong_auth="yes"):
        self.directory = pathlib.Path(directory).resolve()
        self.address = address
        self._reservation = reservation
        self.strong_auth = strong_auth
        self.process = None
        self._pipe = None

    @classmethod
    def make(cls, directory, size=0, address=None, strong_auth="yes"):
        """Copies the template with `size` people to `directory`; doesn't start it yet.

        `strong_auth` is Samba's `ldap server require strong auth`: yes, allow_sasl_over_tls, no."""
        provision.check_possible(directory)
        address, reservation = take_address(address)
        try:
            template.copy(size, directory)
            provision.write_configuration(directory, address, strong_auth)
            provision.write_certificate(directory, address)
        except BaseException:
            reservation.close()
            raise
        controller = cls(directory, address, reservation, strong_auth)
        (controller.directory / "lab.json").write_text(json.dumps(controller.facts(), indent=1))
        return controller

    @classmethod
    def existing(cls, directory):
        """A lab that was made before and is stopped: takes its address again."""
        facts = read_facts(directory)
        address, reservation = take_address(facts["address"])
        return cls(directory, address, reservation, facts["strong_auth"])

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    # -- life

    @property
    def alive(self):
        return self.process is not None and self.process.poll() is None

    def start(self, maximum_runtime_s=MAXIMUM_RUNTIME_S):
        """Returns when LDAP, LDAPS and the KDC answer."""
        assert not self.alive
        self._await(lambda: ports_free(self.address), START_S, "the ports of an earlier controller are busy")
        read_end, self._pipe = os.pipe()
        try:
            with self.log_path.open("ab") as log:
                self.process = subprocess.Popen(
                    [SAMBA, "-s", self.directory / "dc" / "etc" / "smb.conf", "-i", "--debug-stdout",
                     "--no-process-group", f"--maximum-runtime={maximum_runtime_s}"],
                    stdin=read_end, stdout=log, stderr=log, cwd=self.directory, start_new_session=True,
                    env={**os.environ, "KRB5_CONFIG": str(self.directory / "krb5.conf")},
                )
        finally:
            os.close(read_end)
        try:
            self._await(lambda: answers(self.address) or not self.alive, START_S, "no answer")
            if not self.alive:
                raise LabFailed(f"samba ended with {self.process.wait()}:\n{self.log[-4000:]}")
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self):
        """An orderly stop; the data stay."""
        if self.alive:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=STOP_S)
            except subprocess.TimeoutExpired:
                self.kill()
                raise LabFailed(f"samba did not stop within {STOP_S} s:\n{self.log[-4000:]}") from None
        self._ended()

    def kill(self):
        """SIGKILL, as a power cut would; Samba's children notice and go, too."""
        if self.alive:
            self.process.kill()
            self.process.wait()
        self._ended()

    def restart(self):
        self.stop()
        return self.start()

    def close(self):
        """Stops it and gives the address back; the directory stays for its owner to remove."""
        try:
            self.stop()
        finally:
            if self._reservation is not None:
                self._reservation.close()
                self._reservation = None

    def _ended(self):
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None
        self.process = None
        self._await(lambda: ports_free(self.address), STOP_S, "its ports stay busy")

    def _await(self, condition, seconds, failure):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise LabFailed(f"controller at {self.address}: {failure} after {seconds} s\n{self.log[-4000:]}")
            time.sleep(POLL_S)

    @contextlib.contextmanager
    def frozen(self):
        """All of its processes stand still inside the block: it accepts connections and says nothing."""
        members = [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and self._is_ours(entry)]
        for pid in members:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in members:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def _is_ours(self, pid):
        try:
            return os.getsid(int(pid)) == self.process.pid
        except ProcessLookupError:
            return False

    # -- another state of the same domain

    def save(self, directory):
        """Copies the data of the stopped controller, as a backup does."""
        assert not self.alive
        template.copy_tree(self.directory / "dc", pathlib.Path(directory))

    def restore(self, directory):
        """Puts a backup's data in place of ours and gives them a new invocationId, as a restore must:
        the USNs given out since the backup will be given out again, for other changes."""
        assert not self.alive
        shutil.rmtree(self.directory / "dc")
        template.copy_tree(pathlib.Path(directory), self.directory / "dc")
        provision.write_configuration(self.directory, self.address, self.strong_auth)
        return self.renew_invocation()

    def renew_invocation(self):
        """Gives the stopped controller another invocationId; returns it."""
        import ldb

        assert not self.alive
        database = self.database()
        invocation = uuid.uuid4()
        message = ldb.Message(ldb.Dn(database, database.get_dsServiceName()))
        message["id"] = ldb.MessageElement(invocation.bytes_le, ldb.FLAG_MOD_REPLACE, "invocationId")
        database.modify(message, ["relax:0"])
        return invocation

    # -- what others need to know

    def database(self):
        return domain.open_database(self.directory)

    @property
    def log_path(self):
        return self.directory / "samba.log"

    @property
    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    @property
    def environment(self):
        """For processes that talk to the controller: how names and Kerberos are resolved."""
        return {
            "KRB5_CONFIG": str(self.directory / "krb5.conf"),
            "LD_PRELOAD": "libnss_wrapper.so libresolv_wrapper.so",
            "NSS_WRAPPER_HOSTS": str(self.directory / "hosts"),
            "RESOLV_WRAPPER_HOSTS": str(self.directory / "records"),
            # sanitizers refuse the RTLD_DEEPBIND that both would use
            "NSS_WRAPPER_DISABLE_DEEPBIND": "1", "RESOLV_WRAPPER_DISABLE_DEEPBIND": "1",
        }

    def account(self, name):
        keytab = self.directory / "keytabs" / f"{name}.keytab"
        return {
            "principal": f"{name}@{domain.REALM}", "user": f"{name}@{domain.DNS_DOMAIN}",
            "dn": f"CN={name},{domain.SERVICES}", "password": domain.PASSWORD, "keytab": str(keytab),
        }

    def facts(self):
        return {
            "address": self.address, "server": domain.SERVER, "alias": domain.ALIAS,
            "realm": domain.REALM, "domain": domain.DNS_DOMAIN, "base": domain.BASE,
            "staff": domain.STAFF, "groups": domain.GROUPS, "outside": domain.OUTSIDE,
            "strong_auth": self.strong_auth,
            "ca_file": str(self.directory / "tls" / "ca.pem"),
            "other_ca_file": str(self.directory / "tls" / "other-ca.pem"),
            "environment": self.environment,
            "accounts": {name: self.account(name) for name in domain.ACCOUNTS},
        }


def read_facts(directory):
    path = pathlib.Path(directory) / "lab.json"
    if not path.exists():
        raise LabFailed(f"{directory} holds no lab: {path} is missing")
    return json.loads(path.read_text())
