#!/usr/bin/python3
"""The tree is the architecture: reads every #include line and names each that breaks it.

    tests/layering/layering.py [ROOT]      prints FILE:LINE: what; exit code 1 if anything is wrong

Three kinds of rules: includes between rooms point down only; a third-party library has one owner; a
room's inner headers stay inside.  An #include that is compiled only sometimes counts always.
"""

import pathlib
import re
import sys

# A room, and the rooms it may include from (besides itself).
ROOMS = {
    "base": set(),
    "config": {"base"},
    "scim": {"base"},
    "store": {"base", "scim"},
    "directory": {"base", "scim", "store"},
    "auth": {"base"},
    "http": {"base"},
    "api": {"base", "config", "scim", "store", "directory", "auth", "http"},
    "sync": {"base", "config", "scim", "store", "directory", "connectors"},
    "ctl": {"base"},
    "connectors": {"base"},  # the contract itself and the registry; see CONNECTOR
    "main": {"base", "config", "scim", "store", "directory", "auth", "http", "api", "sync", "connectors"},
}
CONNECTOR = {"base"}  # a connector's folder: base, its own, and connectors/connector.h

# Headers that only some rooms may see.  First match wins.
LIBRARIES = [
    ("ODBC", re.compile(r"sql(ext|types|ucode)?\.h|odbcinst\.h"), {"store"}),
    ("libmicrohttpd", re.compile(r"microhttpd\.h"), {"http"}),
    ("GnuTLS", re.compile(r"gnutls/.*"), {"http"}),
    ("OpenSSL", re.compile(r"openssl/.*"), {"base", "auth"}),
    ("utf8proc", re.compile(r"utf8proc\.h"), {"base"}),
    ("libcyaml", re.compile(r"cyaml/.*"), {"config"}),
    ("libyaml", re.compile(r"yaml\.h"), {"config", "sync"}),
    ("GLib", re.compile(r"glib(-object)?\.h|gio/.*"), {"sync"}),
    ("libcurl", re.compile(r"curl/.*"), {"ctl", "connectors/rest"}),
    ("libldap", re.compile(r"(ldap|lber|sasl/.*|ldap_.*)\.?h?"), {"connectors/ad"}),
    (
        "jansson",
        re.compile(r"jansson\.h"),
        {"scim", "store", "directory", "api", "sync", "ctl", "connectors", "connectors/*", "main"},
    ),
    ("systemd", re.compile(r"systemd/.*"), {"main"}),
    # scim/ is pure: it opens no file, socket or database
    (
        "the outside world",
        re.compile(r"(fcntl|unistd|netdb|dirent|poll)\.h|sys/(socket|stat|mman|epoll|un)\.h|netinet/.*|arpa/.*"),
        set(ROOMS) - {"scim"} | {"connectors/*"},
    ),
]

# What a room shows to the others; rooms not named here show all their headers.
PUBLIC = {
    "store": {
        "store.h", "blocks.h", "control.h", "changes.h", "inspect.h", "members.h", "resources.h", "search.h",
        "index_unique.h", "job_rows.h", "link_among.h", "link_sources.h", "links.h", "run_rows.h", "secret_rows.h",
        "sources.h", "sync_rows.h",
    },
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')


def room_of(path):
    """The room of a path relative to the root: "scim", "connectors/ad", "main"; None if it has none."""
    parts = path.parts
    if parts[0] == "connectors":
        return f"connectors/{parts[1]}" if len(parts) > 2 else "connectors"
    if parts == ("scimd", "main.c"):
        return "main"
    return parts[1] if len(parts) > 2 else None


def may_use(room, owners):
    return room in owners or (room.startswith("connectors/") and "connectors/*" in owners)


def borrowed_library(room, header):
    for library, pattern, owners in LIBRARIES:
        if pattern.fullmatch(header):
            if may_use(room, owners):
                return None
            return f"<{header}>: {library} belongs to {', '.join(sorted(owners))}, not to {room}"
    return None


def upward_arrow(root, path, room, header):
    """Why `path` may not include "header"; None if it may."""
    target = pathlib.PurePosixPath(header)
    base = root if target.parts[0] == "connectors" else root / "scimd"
    if len(target.parts) < 2 or ".." in target.parts or not (base / target).is_file():
        return f'"{header}": write it as "room/name.h", and of a file that exists'
    if target.parts[0] == "connectors":
        other = room_of(target)
    else:
        other = target.parts[0]

    if other == room:
        return None
    if room.startswith("connectors/"):
        allowed = other in CONNECTOR or header == "connectors/connector.h"
    elif room == "connectors":
        allowed = other in ROOMS[room] or path.name == "registry.c" and other.startswith("connectors/")
    else:
        allowed = other in ROOMS[room]
    if not allowed:
        return f'"{header}": {room} must not know {other}'
    if other in PUBLIC and target.name not in PUBLIC[other]:
        return f'"{header}": an inner header of {other}'
    return None


def violations(root):
    """All of them, as "FILE:LINE: what"."""
    root = pathlib.Path(root)
    found = []
    files = sorted(p for top in ("scimd", "connectors") for p in (root / top).rglob("*.[ch]"))
    for file in files:
        path = file.relative_to(root)
        room = room_of(path)
        if room is None or (room not in ROOMS and not room.startswith("connectors/")):
            found.append(f"{path}:1: {room or path.parent} is no room")
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if match is None:
                continue
            if match[1] == "<":
                wrong = borrowed_library(room, match[2])
            else:
                wrong = upward_arrow(root, path, room, match[2])
            if wrong:
                found.append(f"{path}:{number}: {wrong}")
    for folder in sorted({file.parent for file in files} - {root / "scimd"}):
        if not (folder / "README.md").is_file():
            found.append(f"{folder.relative_to(root)}:1: no README.md says what it is for")
    return found


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    found = violations(root)
    print("\n".join(found) if found else "layering: every include points down")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
