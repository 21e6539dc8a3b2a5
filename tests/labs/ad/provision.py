"""Makes a domain under a directory: database, keys, certificates, accounts.  Starts nothing.

    DIRECTORY/dc/         Samba's own: etc/smb.conf, private/, state/, ...
    DIRECTORY/tls/        ca.pem, ca.key, dc.pem, dc.key; other-ca.pem has signed nothing here
    DIRECTORY/keytabs/    one for each account of domain.ACCOUNTS
    DIRECTORY/krb5.conf, hosts, records     for clients: Kerberos, names, DNS SRV
"""

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import time

import domain
from domain import LabFailed

SAMBA_TOOL = "/usr/bin/samba-tool"
PATH_MAX_LENGTH = 60  # Samba puts sockets below; their paths end at 107 bytes
CERTIFICATE_DAYS = 30
OLD_PASSWORD = "0ld-Passw0rd"  # what the keytab of svc-wrong was made from
EXPIRED_S = 30 * 24 * 3600  # how long ago svc-expired did

_SMB_CONF = """\
[global]
    netbios name = {host}
    realm = {realm}
    workgroup = {workgroup}
    server role = active directory domain controller
    interfaces = {address}/8
    bind interfaces only = yes
    server services = ldap, cldap, kdc
    prefork children = 2
    private dir = {dc}/private
    state directory = {dc}/state
    cache directory = {dc}/cache
    lock directory = {dc}
    binddns dir = {dc}/bind-dns
    pid directory = {dc}/run
    ncalrpc dir = {dc}/run/ncalrpc
    winbindd socket directory = {dc}/run/winbindd
    ntp signd socket directory = {dc}/run/ntp_signd
    vfs objects = dfs_samba4 acl_xattr xattr_tdb
    xattr_tdb:file = {dc}/xattr.tdb
    ldb:nosync = true
    tls cafile = {directory}/tls/ca.pem
    tls certfile = {directory}/tls/dc.pem
    tls keyfile = {directory}/tls/dc.key
    ldap server require strong auth = {strong_auth}
"""

_KRB5_CONF = """\
[libdefaults]
    default_realm = {realm}
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
[realms]
    {realm} = {{
        kdc = {address}
    }}
[domain_realm]
    .{dns_domain} = {realm}
    {dns_domain} = {realm}
"""


def run(*command, **options):
    """Runs a program to its end; what it said is part of the failure."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False, **options,
    )
    if done.returncode != 0:
        raise LabFailed(f"{words[0]} ended with {done.returncode}: {done.stdout.strip()[-2000:]}")
    return done.stdout


def check_possible(directory):
    """Says in words why a controller can't be made or started here."""
    if os.geteuid() != 0:
        raise LabFailed(
            "the Active Directory lab needs root: a domain controller listens on ports 88 and 389"
            " and changes its groups"
        )
    missing = [name for name in ("/usr/sbin/samba", SAMBA_TOOL, "/usr/share/samba/setup/provision.ldif")
               if not os.path.exists(name)]
    if missing:
        raise LabFailed(f"not installed: {', '.join(missing)}; run scripts/dependencies test")
    length = len(str(pathlib.Path(directory).resolve()))
    if length > PATH_MAX_LENGTH:
        raise LabFailed(f"{directory}: {length} bytes are too long a path for Samba's sockets below it,"
                        f" {PATH_MAX_LENGTH} at most")


def write_configuration(directory, address, strong_auth="yes"):
    """Writes all that names the directory or the address: what makes a copy a lab of its own."""
    directory = pathlib.Path(directory).resolve()
    names = {
        "directory": directory, "dc": directory / "dc", "address": address, "strong_auth": strong_auth,
        "host": domain.HOST.upper(), "realm": domain.REALM, "workgroup": domain.NETBIOS_DOMAIN,
        "dns_domain": domain.DNS_DOMAIN,
    }
    (directory / "dc" / "etc").mkdir(parents=True, exist_ok=True)
    (directory / "dc" / "etc" / "smb.conf").write_text(_SMB_CONF.format(**names))
    (directory / "krb5.conf").write_text(_KRB5_CONF.format(**names))
    (directory / "hosts").write_text(
        f"{address} {domain.SERVER} {domain.HOST} {domain.DNS_DOMAIN} {domain.ALIAS}\n"
    )
    (directory / "records").write_text("".join(
        f"SRV {name} {domain.SERVER} {port}\n" for name, port in (
            (f"_ldap._tcp.{domain.DNS_DOMAIN}", 389),
            (f"_ldap._tcp.dc._msdcs.{domain.DNS_DOMAIN}", 389),
            (f"_ldap._tcp.{domain.SITE}._sites.{domain.DNS_DOMAIN}", 389),
            (f"_ldap._tcp.{domain.SITE}._sites.dc._msdcs.{domain.DNS_DOMAIN}", 389),
            (f"_kerberos._tcp.{domain.DNS_DOMAIN}", 88),
        )
    ) + f"A {domain.SERVER} {address}\n")


def write_authority(folder, name, subject):
    """A key and a self-signed certificate that may sign others."""
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem", "-days", "3650",
        "-subj", f"/CN={subject}", "-addext", "keyUsage=critical,keyCertSign,cRLSign")


def write_certificate(directory, address):
    """The controller's certificate for its name and its address."""
    tls = pathlib.Path(directory) / "tls"
    (tls / "extensions").write_text(
        "basicConstraints = critical, CA:FALSE\nextendedKeyUsage = serverAuth\n"
        f"subjectAltName = DNS:{domain.SERVER}, IP:{address}\n"
    )
    run("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", tls / "dc.key", "-out", tls / "dc.csr", "-subj", f"/CN={domain.SERVER}")
    run("openssl", "x509", "-req", "-in", tls / "dc.csr", "-CA", tls / "ca.pem", "-CAkey", tls / "ca.key",
        "-days", CERTIFICATE_DAYS, "-extfile", tls / "extensions", "-out", tls / "dc.pem")
    (tls / "dc.key").chmod(0o600)


def _samba_tool_provision(directory):
    configuration = directory / "dc" / "etc" / "smb.conf"
    base = directory / "base.conf"
    base.write_text(configuration.read_text())
    configuration.unlink()  # samba-tool writes its own and refuses to replace one
    run(SAMBA_TOOL, "domain", "provision", "-q", "-s", base, f"--targetdir={directory / 'dc'}",
        f"--realm={domain.REALM}", f"--domain={domain.NETBIOS_DOMAIN}", f"--host-name={domain.HOST}",
        "--host-ip=127.0.0.1", "--server-role=dc", "--dns-backend=NONE", "--backend-store=mdb",
        f"--adminpass={domain.ADMINISTRATOR_PASSWORD}", f"--domain-sid={domain.SID}",
        env={**os.environ, "KRB5_CONFIG": str(directory / "krb5.conf")})
    configuration.write_text(base.read_text())
    base.unlink()


def _add_service_names(database):
    """The names clients ask tickets for; a controller with DNS registers them itself."""
    import ldb

    computer = f"CN={domain.HOST.upper()},OU=Domain Controllers,{domain.BASE}"
    found = database.search(computer, scope=ldb.SCOPE_BASE, attrs=["servicePrincipalName"])[0]
    there = {str(value).lower() for value in found.get("servicePrincipalName", [])}
    wanted = [
        f"{service}/{host}{suffix}"
        for service in ("ldap", "GC") for host in (domain.SERVER, domain.HOST.upper())
        for suffix in ("", f"/{domain.DNS_DOMAIN}", f"/{domain.NETBIOS_DOMAIN}")
    ] + ["ldap/localhost"]
    message = ldb.Message(ldb.Dn(database, computer))
    message["spn"] = ldb.MessageElement(
        [name for name in wanted if name.lower() not in there], ldb.FLAG_MOD_ADD, "servicePrincipalName"
    )
    database.modify(message)


def add_right(database, dn, ace):
    """Puts an entry in SDDL at the head of an object's access list, where denials have to stand."""
    _change_rights(database, dn, lambda text: re.sub(r"^D:[A-Z]*", lambda flags: flags[0] + ace, text))


def remove_rights(database, dn, sid):
    """Takes every entry for `sid` out of an object's access list."""
    _change_rights(database, dn, lambda text: re.sub(rf"\([^()]*;{re.escape(sid)}\)", "", text))


def _change_rights(database, dn, change):
    import ldb
    from samba.dcerpc import security
    from samba.ndr import ndr_pack, ndr_unpack

    controls = ["show_deleted:1", f"sd_flags:1:{security.SECINFO_DACL}"]
    found = database.search(dn, scope=ldb.SCOPE_BASE, attrs=["nTSecurityDescriptor"], controls=controls)[0]
    domain_sid = security.dom_sid(database.get_domain_sid())
    old = ndr_unpack(security.descriptor, found["nTSecurityDescriptor"][0]).as_sddl(domain_sid)
    new = security.descriptor.from_sddl(change(old), domain_sid)
    message = ldb.Message(found.dn)
    message["sd"] = ldb.MessageElement(ndr_pack(new), ldb.FLAG_MOD_REPLACE, "nTSecurityDescriptor")
    database.modify(message, controls)


def give_right(database, account, right):
    """Gives an account one of the rights of domain.py, by its entry in the access list."""
    sid = sid_of(database, account)
    if right == domain.DIRSYNC:
        add_right(database, domain.BASE, f"(OA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;{sid})")
    else:
        add_right(database, domain.DELETED, f"(A;;LCRP;;;{sid})")


def sid_of(database, account):
    from samba.dcerpc import security
    from samba.ndr import ndr_unpack

    found = database.search(domain.BASE, expression=f"(sAMAccountName={account})", attrs=["objectSid"])
    if len(found) != 1:
        raise LabFailed(f"no account {account} in the domain")
    return str(ndr_unpack(security.dom_sid, found[0]["objectSid"][0]))


def _password(text):
    return f'"{text}"'.encode("utf-16-le")


def set_password(database, dn, password):
    import ldb

    message = ldb.Message(ldb.Dn(database, dn))
    message["password"] = ldb.MessageElement(_password(password), ldb.FLAG_MOD_REPLACE, "unicodePwd")
    database.modify(message)


def _add_accounts(database):
    for name, rights in domain.ACCOUNTS.items():
        control = domain.UF_NORMAL_ACCOUNT | domain.UF_DONT_EXPIRE_PASSWORD
        entry = {
            "dn": f"CN={name},{domain.SERVICES}", "objectClass": "user", "sAMAccountName": name,
            "userPrincipalName": f"{name}@{domain.DNS_DOMAIN}", "unicodePwd": _password(OLD_PASSWORD if name == "svc-wrong" else domain.PASSWORD),
            "msDS-SupportedEncryptionTypes": str(domain.AES_ONLY),
        }
        if name == "svc-disabled":
            control |= domain.UF_ACCOUNTDISABLE
        if name == "svc-expired":
            entry["accountExpires"] = str(domain.filetime(time.time() - EXPIRED_S))
        if name == "svc-change":
            control &= ~domain.UF_DONT_EXPIRE_PASSWORD
            entry["pwdLastSet"] = "0"
        database.add({**entry, "userAccountControl": str(control)})
        for right in rights:
            give_right(database, name, right)


@contextlib.contextmanager
def _no_errors():
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def export_keytab(directory, account, path):
    """The account's keys as they are now; added to those that the file has."""
    import samba.dckeytab  # noqa: F401 - gives Net its export_keytab
    from samba.credentials import Credentials
    from samba.net import Net

    net = Net(Credentials(), domain.load_parameters(directory))
    with _no_errors():  # it calls every export one
        net.export_keytab(keytab=str(path), principal=account)


def provision(directory):
    """Makes the whole: a domain without people, in `directory`, which must be empty or new."""
    directory = pathlib.Path(directory).resolve()
    check_possible(directory)
    for folder in ("tls", "keytabs"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    write_authority(directory / "tls", "ca", "Lab CA")
    write_authority(directory / "tls", "other-ca", "Some other CA")
    write_configuration(directory, "127.0.0.1")
    _samba_tool_provision(directory)

    database = domain.open_database(directory)
    _add_service_names(database)
    for unit in domain.UNITS:
        database.add({"dn": unit, "objectClass": "organizationalUnit"})
    _add_accounts(database)
    for name in domain.ACCOUNTS:
        export_keytab(directory, name, directory / "keytabs" / f"{name}.keytab")
    set_password(database, f"CN=svc-wrong,{domain.SERVICES}", domain.PASSWORD)
