"""The rules can fail, each of them; and the tree keeps them all."""

import pathlib

import pytest

from layering import violations

SOURCE = pathlib.Path(__file__).resolve().parents[2]

# name, file, its include line, what must be said about it (None: allowed)
CASES = [
    ("downward", "scimd/store/x.c", '#include "scim/known.h"', None),
    ("own room", "scimd/scim/x.c", '#include "scim/known.h"', None),
    ("two floors down", "scimd/api/x.c", '#include "base/known.h"', None),
    ("upward", "scimd/base/x.c", '#include "scim/known.h"', "base must not know scim"),
    ("upward in a header", "scimd/scim/x.h", '#include "store/store.h"', "scim must not know store"),
    ("sideways", "scimd/api/x.c", '#include "sync/known.h"', "api must not know sync"),
    ("sideways back", "scimd/sync/x.c", '#include "api/known.h"', "sync must not know api"),
    ("http knows no store", "scimd/http/x.c", '#include "store/store.h"', "http must not know store"),
    ("auth knows no http", "scimd/auth/x.c", '#include "http/known.h"', "auth must not know http"),
    ("scimctl is a client", "scimd/ctl/x.c", '#include "directory/known.h"', "ctl must not know directory"),
    ("main sees all", "scimd/main.c", '#include "api/known.h"', None),
    ("spaces and tabs", "scimd/base/x.c", '\t#  include  "scim/known.h"', "base must not know scim"),
    ("inside a conditional", "scimd/base/x.c", '#ifdef X\n#include "scim/known.h"\n#endif', "x.c:2: "),
    ("store's public header", "scimd/directory/x.c", '#include "store/store.h"', None),
    ("store's inner header", "scimd/directory/x.c", '#include "store/session.h"', "inner header of store"),
    ("inner header inside", "scimd/store/x.c", '#include "store/session.h"', None),
    ("no such file", "scimd/api/x.c", '#include "base/nowhere.h"', "of a file that exists"),
    ("not by room", "scimd/base/x.c", '#include "known.h"', 'write it as "room/name.h"'),
    ("out of the room and back", "scimd/scim/x.c", '#include "base/../store/store.h"', 'write it as "room/name.h"'),
    ("a new folder", "scimd/util/x.c", "", "util is no room"),
    ("loose file", "scimd/loose.c", "", "is no room"),
    ("connector, contract", "connectors/ad/x.c", '#include "connectors/connector.h"', None),
    ("connector, base", "connectors/ad/x.c", '#include "base/known.h"', None),
    ("connector knows no scim", "connectors/ad/x.c", '#include "scim/known.h"', "connectors/ad must not know scim"),
    ("connector knows no other", "connectors/ad/x.c", '#include "connectors/okta/known.h"', "must not know connectors/okta"),
    ("registry knows connectors", "connectors/registry.c", '#include "connectors/okta/known.h"', None),
    ("contract knows no connector", "connectors/connector.h", '#include "connectors/okta/known.h"', "must not know connectors/okta"),
    ("sync, contract", "scimd/sync/x.c", '#include "connectors/connector.h"', None),
    ("api knows no connector", "scimd/api/x.c", '#include "connectors/connector.h"', "api must not know connectors"),
    ("ODBC at home", "scimd/store/x.c", "#include <sql.h>", None),
    ("ODBC", "scimd/directory/x.c", "#include <sqlext.h>", "ODBC belongs to store"),
    ("libmicrohttpd at home", "scimd/http/x.c", "#include <microhttpd.h>", None),
    ("libmicrohttpd", "scimd/api/x.c", "#include <microhttpd.h>", "libmicrohttpd belongs to http"),
    ("GnuTLS", "scimd/auth/x.c", "#include <gnutls/gnutls.h>", "GnuTLS belongs to http"),
    ("OpenSSL at home", "scimd/auth/x.c", "#include <openssl/evp.h>", None),
    ("OpenSSL", "scimd/http/x.c", "#include <openssl/ssl.h>", "OpenSSL belongs to auth, base"),
    ("utf8proc", "scimd/scim/x.c", "#include <utf8proc.h>", "utf8proc belongs to base"),
    ("libcyaml", "scimd/api/x.c", "#include <cyaml/cyaml.h>", "libcyaml belongs to config"),
    ("libyaml", "scimd/ctl/x.c", "#include <yaml.h>", "libyaml belongs to config, sync"),
    ("libcurl at home", "scimd/ctl/x.c", "#include <curl/curl.h>", None),
    ("libcurl in rest", "connectors/rest/x.c", "#include <curl/curl.h>", None),
    ("libcurl", "connectors/okta/x.c", "#include <curl/curl.h>", "libcurl belongs to"),
    ("libldap at home", "connectors/ad/x.c", "#include <ldap.h>", None),
    ("libldap", "scimd/sync/x.c", "#include <ldap.h>", "libldap belongs to connectors/ad"),
    ("jansson at home", "scimd/scim/x.c", "#include <jansson.h>", None),
    ("jansson in a connector", "connectors/okta/x.c", "#include <jansson.h>", None),
    ("jansson in base", "scimd/base/x.c", "#include <jansson.h>", "jansson belongs to"),
    ("jansson in http", "scimd/http/x.c", "#include <jansson.h>", "jansson belongs to"),
    ("systemd at home", "scimd/main.c", "#include <systemd/sd-daemon.h>", None),
    ("systemd", "scimd/http/x.c", "#include <systemd/sd-daemon.h>", "systemd belongs to main"),
    ("scim opens no socket", "scimd/scim/x.c", "#include <sys/socket.h>", "the outside world belongs to"),
    ("scim opens no file", "scimd/scim/x.c", "#include <fcntl.h>", "the outside world belongs to"),
    ("base may", "scimd/base/x.c", "#include <fcntl.h>", None),
]


def house(root):
    """A small tree with one known header in each room."""
    rooms = ["scimd/" + name for name in "base config scim store directory auth http api sync ctl".split()]
    for folder in rooms + ["connectors/ad", "connectors/okta", "connectors/rest"]:
        (root / folder).mkdir(parents=True)
        (root / folder / "known.h").write_text("")
        (root / folder / "README.md").write_text("")
    (root / "connectors" / "README.md").write_text("")
    (root / "connectors" / "connector.h").write_text("")
    # known.h of store would itself be an inner header; these two are what the cases name
    (root / "scimd" / "store" / "store.h").write_text("")
    (root / "scimd" / "store" / "session.h").write_text("")
    return root


@pytest.mark.parametrize("file, line, said", [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_rule(tmp_path, file, line, said):
    root = house(tmp_path)
    assert violations(root) == []
    target = root / file
    target.parent.mkdir(exist_ok=True)
    (target.parent / "README.md").write_text("")
    target.write_text(line + "\n")
    found = violations(root)
    if said is None:
        assert found == []
    else:
        assert len(found) == 1 and said in found[0], found


def test_rule_readme(tmp_path):
    root = house(tmp_path)
    (root / "scimd" / "scim" / "README.md").unlink()
    assert violations(root) == ["scimd/scim:1: no README.md says what it is for"]


def test_the_tree_keeps_the_rules():
    assert "\n".join(violations(SOURCE)) == ""
