"""The lab's domain: its names, its accounts, and a way into its database that needs no server.

Everything that is the same in every copy of the lab stands here, so that tests can spell it out.
"""

import pathlib

REALM = "LAB.EXAMPLE"
DNS_DOMAIN = "lab.example"
NETBIOS_DOMAIN = "LAB"
BASE = "DC=lab,DC=example"
HOST = "dc1"
SERVER = f"{HOST}.{DNS_DOMAIN}"
ALIAS = f"alias.{DNS_DOMAIN}"  # resolves to the controller, but its certificate does not name it
SID = "S-1-5-21-1004336348-1177238915-682003330"
SITE = "Default-First-Site-Name"

ADMINISTRATOR_PASSWORD = "Adm1n-Passw0rd"
PASSWORD = "Lab-Passw0rd"  # of every account below

STAFF = f"OU=Staff,{BASE}"
STAFF_PLACES = ("Berlin", "Wien", "Zürich")  # organisational units below STAFF
CONTRACTORS = f"OU=Contractors,{BASE}"
OUTSIDE = f"OU=Outside,{BASE}"  # never in a test's scope: the place to move people to
GROUPS = f"OU=Groups,{BASE}"
DEVICES = f"OU=Devices,{BASE}"
SERVICES = f"OU=Services,{BASE}"
UNITS = (
    STAFF, *(f"OU={place},{STAFF}" for place in STAFF_PLACES),
    CONTRACTORS, OUTSIDE, GROUPS, DEVICES, SERVICES,
)
DELETED = f"CN=Deleted Objects,{BASE}"

# Rights of an account: DirSync (DS-Replication-Get-Changes on the domain, which does not give away
# password hashes) and reading tombstones.
DIRSYNC, TOMBSTONES = "dirsync", "tombstones"

ACCOUNTS = {
    "svc-dirsync": (DIRSYNC, TOMBSTONES),
    "svc-tombstones": (TOMBSTONES,),
    "svc-plain": (),
    "svc-wrong": (DIRSYNC, TOMBSTONES),  # its keytab is older than its password
    "svc-disabled": (),
    "svc-expired": (),
    "svc-change": (),  # must change its password at next logon
}

NEVER = (0, 0x7FFFFFFFFFFFFFFF)  # both values of accountExpires mean never
UF_ACCOUNTDISABLE = 0x2
UF_NORMAL_ACCOUNT = 0x200
UF_DONT_EXPIRE_PASSWORD = 0x10000
AES_ONLY = 24  # msDS-SupportedEncryptionTypes

_FILETIME_EPOCH_S = 11644473600  # from 1601-01-01 to 1970-01-01
_FILETIME_TICKS = 10_000_000


class LabFailed(Exception):
    """Something that the lab needs is not there, or went wrong; the text says what."""


def filetime(seconds):
    """Seconds since 1970 as a FILETIME: 100 ns since 1601-01-01 UTC."""
    return (int(seconds) + _FILETIME_EPOCH_S) * _FILETIME_TICKS


def from_filetime(ticks):
    return int(ticks) / _FILETIME_TICKS - _FILETIME_EPOCH_S


def load_parameters(directory):
    from samba.param import LoadParm

    parameters = LoadParm()
    parameters.load(str(pathlib.Path(directory) / "dc" / "etc" / "smb.conf"))
    return parameters


def open_database(directory, batch=False):
    """The domain's database as the system itself sees it, with the controller running or not.

    `batch` speeds thousands of changes in one transaction up and serves nothing else."""
    from samba.auth import system_session
    from samba.samdb import SamDB

    parameters = load_parameters(directory)
    return SamDB(
        url=parameters.samdb_url(), session_info=system_session(), lp=parameters,
        options=["batch_mode:1"] if batch else [],
    )


def escape_rdn(text):
    """A value as it stands in a distinguished name (RFC 4514, section 2.4)."""
    escaped = "".join("\\" + c if c in ',+"\\<>;=' else c for c in text)
    if escaped[:1] in ("#", " "):
        escaped = "\\" + escaped
    if escaped.endswith(" ") and not escaped.endswith("\\ "):
        escaped = escaped[:-1] + "\\ "
    return escaped.replace("\0", "\\00").replace("\n", "\\0A")


def escape_filter(text):
    """A value as it stands in a search filter (RFC 4515, section 3)."""
    return "".join(f"\\{ord(c):02x}" if c in "\\*()\0" else c for c in text)
