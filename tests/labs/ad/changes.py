"""What happens in a directory: each kind of change as a function and, by KINDS, as a command.

A function takes the database and texts.  An object is named by its sAMAccountName (a computer's
without the dollar), its DN, or <GUID=...>.  Every function returns the objectGUIDs, as text, of the
objects it was about.  Nothing here is undone by itself.
"""

import time

import domain
import population
import provision
from domain import LabFailed
from fill import modify, set_primary_group, transaction

DAY_S = 24 * 3600
MEGABYTE = 1_000_000
SHOW_DELETED = ["show_deleted:1"]
ODD_BYTES = b"broken \xff\xfe\xc3( and \x00 zero"
ODD_TEXT = "\u0001 tab\t \u202e\u00ad \U0001f9d1\u200d\U0001f680 e\u0301 \ufeff"  # legal UTF-8, and a trial


def find(database, name):
    """The object's DN; LabFailed if there is none."""
    import ldb

    if "=" in name:
        dn = ldb.Dn(database, name)
        if dn is not None:
            found = database.search(dn, scope=ldb.SCOPE_BASE, attrs=["objectGUID"], controls=SHOW_DELETED)
            return found[0].dn
    account = domain.escape_filter(name)
    found = database.search(
        domain.BASE, expression=f"(|(sAMAccountName={account})(sAMAccountName={account}$))", attrs=["objectGUID"]
    )
    if len(found) != 1:
        raise LabFailed(f"{len(found)} objects are called {name}")
    return found[0].dn


def guid_of(database, dn):
    """objectGUID as text, 7963f3c1-51b2-4510-..."""
    import ldb

    found = database.search(dn, scope=ldb.SCOPE_BASE, attrs=["objectGUID"], controls=SHOW_DELETED)[0]
    return database.schema_format_value("objectGUID", found["objectGUID"][0]).decode()


def _about(database, *names):
    return [guid_of(database, find(database, str(name))) for name in names]


def _change(database, name, operation, attribute, values):
    dn = find(database, name)
    modify(database, dn, operation, attribute, values)
    return _about(database, dn)


# -- people


def create(database, name, unit=domain.STAFF):
    """A person with the attributes that the default mapping reads."""
    database.add({
        "dn": f"CN={domain.escape_rdn(name)},{unit}", "objectClass": "user", "sAMAccountName": name,
        "userPrincipalName": f"{name}@{domain.DNS_DOMAIN}", "givenName": "Neu", "sn": name,
        "displayName": f"Neu {name}", "mail": f"{name}@lab.example", "title": "Neuling",
        "userAccountControl": str(domain.UF_NORMAL_ACCOUNT),
    })
    return _about(database, name)


def change(database, name, attribute, *values):
    """Sets an attribute's values; none removes it."""
    return _change(database, name, "replace", attribute, list(values) or None)


def rename(database, name, new_name):
    """Another CN at the same place; the account name stays."""
    import ldb

    dn = find(database, name)
    new = ldb.Dn(database, f"CN={domain.escape_rdn(new_name)}")
    new.add_base(dn.parent())
    database.rename(dn, new)
    return _about(database, new)


def move(database, name, unit=domain.OUTSIDE):
    """To another place: out of the tests' scope, if none is given."""
    import ldb

    dn = find(database, name)
    new = ldb.Dn(database, f"{dn.get_rdn_name()}={domain.escape_rdn(dn.get_rdn_value())}")
    new.add_base(ldb.Dn(database, unit))
    database.rename(dn, new)
    return _about(database, new)


def rename_unit(database, unit, new_name):
    """A whole organisational unit: the DNs of all below change, and none of them says so."""
    import ldb

    dn = ldb.Dn(database, unit)
    new = ldb.Dn(database, f"OU={domain.escape_rdn(new_name)}")
    new.add_base(dn.parent())
    database.rename(dn, new)
    return _about(database, new)


def _set_control(database, name, bit, on):
    import ldb

    dn = find(database, name)
    found = database.search(dn, scope=ldb.SCOPE_BASE, attrs=["userAccountControl"])[0]
    control = int(str(found["userAccountControl"]))
    control = control | bit if on else control & ~bit
    return _change(database, str(dn), "replace", "userAccountControl", str(control))


def disable(database, name):
    return _set_control(database, name, domain.UF_ACCOUNTDISABLE, True)


def enable(database, name):
    return _set_control(database, name, domain.UF_ACCOUNTDISABLE, False)


def expire(database, name, seconds_from_now=-DAY_S):
    """The account ends then; a time in the past means it has."""
    at = domain.filetime(time.time() + float(seconds_from_now))
    return _change(database, name, "replace", "accountExpires", str(at))


def keep(database, name):
    """The account never ends."""
    return _change(database, name, "replace", "accountExpires", str(domain.NEVER[1]))


def lock(database, name):
    """As after too many wrong passwords: the domain gets a policy that locks, and the account is."""
    modify(database, domain.BASE, "replace", "lockoutThreshold", "5")
    modify(database, domain.BASE, "replace", "lockoutDuration", str(-DAY_S * 10_000_000))
    return _change(database, name, "replace", "lockoutTime", str(domain.filetime(time.time())))


def unlock(database, name):
    return _change(database, name, "replace", "lockoutTime", "0")


def log_on(database, name):
    """Only the time of the last logon, as the controller itself writes it now and then."""
    return _change(database, name, "replace", "lastLogonTimestamp", str(domain.filetime(time.time())))


def set_manager(database, name, manager=None):
    """None: nobody."""
    values = str(find(database, manager)) if manager else None
    return _change(database, name, "replace", "manager", values)


def set_photo(database, name, length=population.PHOTO_BYTES, seed=0):
    import random

    data = population.photo(random.Random(int(seed)), int(length))
    return _change(database, name, "replace", "thumbnailPhoto", data)


def set_password(database, name, password):
    """A keytab from before is wrong afterwards."""
    dn = find(database, name)
    provision.set_password(database, str(dn), password)
    return _about(database, dn)


def lengthen(database, name, attribute="url", length=MEGABYTE):
    """One value of that many bytes.  AD bounds most attributes, but not url, comment, carLicense, jpegPhoto."""
    return _change(database, name, "replace", attribute, "https://x/" + "x" * (int(length) - 10))


def oddities(database, name):
    """Control characters, marks of direction, a joined emoji as text; and, as AD keeps broken UTF-8 out of
    text attributes, bytes that are none in registeredAddress, which a mapping may take for text."""
    dn = find(database, name)
    modify(database, dn, "replace", "title", ODD_TEXT)
    modify(database, dn, "replace", "registeredAddress", ODD_BYTES)
    return _about(database, dn)


# -- coming and going


def delete(database, name):
    """Leaves a tombstone, which the returned objectGUID finds."""
    dn = find(database, name)
    guids = _about(database, dn)
    database.delete(dn)
    return guids


def restore(database, guid, unit=domain.STAFF):
    """Takes a tombstone back, to `unit`, under its old name; memberships stay lost."""
    import ldb

    dn = ldb.Dn(database, f"<GUID={guid.removeprefix('<GUID=').rstrip('>')}>")
    found = database.search(dn, scope=ldb.SCOPE_BASE, attrs=["name", "isDeleted"], controls=SHOW_DELETED)[0]
    if "isDeleted" not in found:
        raise LabFailed(f"{guid} is not deleted")
    name = str(found["name"]).split("\n")[0]
    message = ldb.Message(found.dn)
    message["deleted"] = ldb.MessageElement([], ldb.FLAG_MOD_DELETE, "isDeleted")
    target = f"CN={domain.escape_rdn(name)},{unit}"
    message["place"] = ldb.MessageElement(target, ldb.FLAG_MOD_REPLACE, "distinguishedName")
    database.modify(message, SHOW_DELETED)
    return _about(database, target)


def recreate(database, name):
    """Deletes somebody and adds a namesake: the same names, another objectGUID.  Returns both."""
    import ldb

    kept = ("sAMAccountName", "userPrincipalName", "givenName", "sn", "displayName", "mail", "userAccountControl")
    dn = find(database, name)
    found = database.search(dn, scope=ldb.SCOPE_BASE, attrs=list(kept))[0]
    entry = {key: str(found[key]) for key in kept if key in found}
    with transaction(database):
        gone = delete(database, str(dn))
        database.add({"dn": str(dn), "objectClass": "user", **entry})
    return gone + _about(database, dn)


# -- groups


def create_group(database, name, *members):
    entry = {"dn": population.group_dn(name), "objectClass": "group", "sAMAccountName": name}
    if members:
        entry["member"] = [str(find(database, member)) for member in members]
    database.add(entry)
    return _about(database, entry["dn"])


def add_members(database, group, *members):
    """People or groups (nesting)."""
    found = [str(find(database, member)) for member in members]
    return _change(database, group, "add", "member", found) + _about(database, *found)


def remove_members(database, group, *members):
    found = [str(find(database, member)) for member in members]
    return _change(database, group, "delete", "member", found) + _about(database, *found)


def empty_group(database, group):
    return _change(database, group, "delete", "member", None)


def set_primary(database, name, group="Domain Users"):
    """Makes a group somebody's primary group: three objects change."""
    dn, group_dn = find(database, name), find(database, group)
    set_primary_group(database, str(dn), str(group_dn))
    return _about(database, dn, group_dn)


# -- what the synchronizing account may do


def _units(database, unit):
    """A unit and those below it: each allows its readers explicitly, which goes before an inherited denial."""
    return [entry.dn for entry in database.search(unit, expression="(objectClass=organizationalUnit)", attrs=["dn"])]


def hide(database, unit, account):
    """Takes an account's right to read a unit and all below it: searches succeed and find nothing."""
    sid = provision.sid_of(database, account)
    units = _units(database, unit)
    for dn in units:
        provision.add_right(database, dn, f"(D;;LCLORPRC;;;{sid})")
    return _about(database, *units)


def unhide(database, unit, account):
    sid = provision.sid_of(database, account)
    units = _units(database, unit)
    for dn in units:
        provision.remove_rights(database, dn, sid)
    return _about(database, *units)


def grant(database, account, right):
    """`right`: dirsync or tombstones."""
    provision.give_right(database, account, right)
    return _about(database, account)


def revoke(database, account, right):
    dn = domain.BASE if right == domain.DIRSYNC else domain.DELETED
    provision.remove_rights(database, dn, provision.sid_of(database, account))
    return _about(database, account)


KINDS = {
    "create": create, "change": change, "rename": rename, "move": move, "rename-unit": rename_unit,
    "disable": disable, "enable": enable, "expire": expire, "keep": keep, "lock": lock, "unlock": unlock,
    "log-on": log_on, "manager": set_manager, "photo": set_photo, "password": set_password,
    "lengthen": lengthen, "oddities": oddities,
    "delete": delete, "restore": restore, "recreate": recreate,
    "create-group": create_group, "add-members": add_members, "remove-members": remove_members,
    "empty-group": empty_group, "primary": set_primary,
    "hide": hide, "unhide": unhide, "grant": grant, "revoke": revoke,
}
