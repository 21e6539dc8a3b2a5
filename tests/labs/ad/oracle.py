"""What a synchronized tenant has to hold, read from the domain's database without LDAP or libldap.

    expected = Oracle(database, Scope(users=[domain.STAFF], groups=[domain.GROUPS])).read()
    differences(expected, read_views(cursor, tenant))        # an empty list: equal

Both sides are {"users": {objectGUID: {...}}, "groups": {objectGUID: {...}}}, plain data that becomes
JSON.  The rules below are those of the default mapping, written down a second time.
"""

import collections
import dataclasses
import time

import domain

PERSON = "(&(objectCategory=person)(objectClass=user))"
GROUP = "(objectClass=group)"
UF_LOCKOUT = 0x10
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

ATTRIBUTES = (
    "objectGUID", "objectSid", "sAMAccountName", "userPrincipalName", "givenName", "sn", "displayName", "mail",
    "proxyAddresses", "title", "employeeType", "preferredLanguage", "department", "employeeNumber", "employeeID",
    "company", "telephoneNumber", "mobile", "manager", "userAccountControl", "accountExpires",
    "primaryGroupID", "cn", "name",
)
COMPUTED_CONTROL = "msDS-User-Account-Control-Computed"  # costs a look at the domain's policy for each person


@dataclasses.dataclass
class Scope:
    """Where people and groups are looked for; filters are LDAP filters that narrow the classes."""

    users: list = dataclasses.field(default_factory=lambda: [domain.BASE])
    groups: list = dataclasses.field(default_factory=lambda: [domain.BASE])
    user_filter: str = ""
    group_filter: str = ""
    member_of: list = dataclasses.field(default_factory=list)  # DNs: people of these groups only, nested ones too
    locked_is_inactive: bool = False


class Oracle:
    def __init__(self, database, scope=None, now=None):
        self.database = database
        self.scope = scope or Scope()
        self.now = now  # seconds since 1970, for accountExpires; None: the time of read()

    def read(self):
        now = time.time() if self.now is None else self.now
        attributes = (*ATTRIBUTES, COMPUTED_CONTROL) if self.scope.locked_is_inactive else ATTRIBUTES
        users = self._search(self.scope.users, PERSON, self.scope.user_filter, attributes)
        groups = self._search(self.scope.groups, GROUP, self.scope.group_filter, (*ATTRIBUTES, "member"))
        if self.scope.member_of:
            wanted = self._people_of(self.scope.member_of)
            users = {guid: entry for guid, entry in users.items() if guid in wanted}
        by_dn = {str(entry.dn).lower(): guid for found in (users, groups) for guid, entry in found.items()}
        return {
            "users": {guid: self._user(entry, by_dn, now) for guid, entry in users.items()},
            "groups": self._groups(groups, by_dn, users),
        }

    # -- reading

    def _search(self, bases, kind, narrower, attributes):
        found = {}
        for base in bases:
            for entry in self.database.search(base, expression=f"(&{kind}{narrower})", attrs=list(attributes)):
                found[self._guid(entry)] = entry
        return found

    def _people_of(self, group_dns):
        """objectGUIDs of all in these groups, whatever their place, through nested groups and loops."""
        groups = self._search([domain.BASE], GROUP, "", (*ATTRIBUTES, "member"))
        people = self._search([domain.BASE], PERSON, "", ATTRIBUTES)
        by_dn = {str(entry.dn).lower(): guid for found in (people, groups) for guid, entry in found.items()}
        whole = self._groups(groups, by_dn, people)
        roots = [by_dn[dn.lower()] for dn in group_dns]
        return set().union(*(effective_members(whole, root) for root in roots))

    def _guid(self, entry):
        return self.database.schema_format_value("objectGUID", entry["objectGUID"][0]).decode()

    def _sid(self, entry):
        return self.database.schema_format_value("objectSid", entry["objectSid"][0]).decode()

    # -- the default mapping

    def _user(self, entry, by_dn, now):
        emails = _emails(entry)
        manager = _text(entry, "manager")
        return {
            "userName": _text(entry, "userPrincipalName") or _text(entry, "sAMAccountName"),
            "givenName": _text(entry, "givenName"),
            "familyName": _text(entry, "sn"),
            "displayName": _text(entry, "displayName"),
            "title": _text(entry, "title"),
            "userType": _text(entry, "employeeType"),
            "preferredLanguage": _text(entry, "preferredLanguage"),
            "department": _text(entry, "department"),
            "employeeNumber": _text(entry, "employeeNumber") or _text(entry, "employeeID"),
            "organization": _text(entry, "company"),
            "primaryEmail": emails[0] if emails else None,
            "emails": sorted(emails),
            "active": self._active(entry, now),
            "manager": by_dn.get(manager.lower()) if manager else None,
            "dn": str(entry.dn),
            "sid": self._sid(entry),
        }

    def _active(self, entry, now):
        control = int(_text(entry, "userAccountControl") or 0)
        if control & domain.UF_ACCOUNTDISABLE:
            return False
        if int(_text(entry, COMPUTED_CONTROL) or 0) & UF_LOCKOUT:
            return False
        expires = int(_text(entry, "accountExpires") or 0)
        return expires in domain.NEVER or domain.from_filetime(expires) > now

    def _groups(self, groups, by_dn, users):
        with_primary = collections.defaultdict(set)  # last part of a group's SID -> people's objectGUIDs
        for guid, user in users.items():
            with_primary[_text(user, "primaryGroupID")].add(guid)
        return {guid: self._group(entry, by_dn, with_primary) for guid, entry in groups.items()}

    def _group(self, entry, by_dn, with_primary):
        """Members in scope only; those whose primary group it is stand in their own entries."""
        dns = [str(value) for value in entry.get("member", [])]
        primary = with_primary.get(self._sid(entry).rsplit("-", 1)[1], set())
        known = {by_dn[dn.lower()] for dn in dns if dn.lower() in by_dn}
        return {
            "displayName": _text(entry, "displayName") or _text(entry, "cn"),
            "members": sorted(known | primary),
            "outside": sorted(dn for dn in dns if dn.lower() not in by_dn),
            "dn": str(entry.dn),
        }


def _text(entry, name):
    return str(entry[name][0]) if name in entry and len(entry[name]) else None


def _emails(entry):
    """The primary address first: of proxyAddresses that with SMTP in capitals, else mail."""
    proxies = [str(value) for value in entry.get("proxyAddresses", [])]
    primary = [value[5:] for value in proxies if value.startswith("SMTP:")]
    others = [value[5:] for value in proxies if value.startswith("smtp:")]
    mail = _text(entry, "mail")
    emails = []
    for address in [*([mail] if mail else []), *primary, *others]:
        if address.lower() not in (known.lower() for known in emails):
            emails.append(address)
    return emails


# -- comparing


def effective_members(groups, root):
    """objectGUIDs of the people in a group, through nested groups; loops are legal."""
    people, seen, waiting = set(), {root}, [root]
    while waiting:
        for member in groups[waiting.pop()]["members"]:
            if member not in groups:
                people.add(member)
            elif member not in seen:
                seen.add(member)
                waiting.append(member)
    return people


def differences(expected, actual, kinds=("users", "groups")):
    """Sentences about what differs.  Only fields that both sides have are compared, so that a view
    without, say, the manager can be held against the whole oracle."""
    found = []
    for kind in kinds:
        wanted, there = expected[kind], actual[kind]
        found += [f"{kind}: {guid} is missing: {wanted[guid]}" for guid in sorted(wanted.keys() - there.keys())]
        found += [f"{kind}: {guid} is too many: {there[guid]}" for guid in sorted(there.keys() - wanted.keys())]
        for guid in sorted(wanted.keys() & there.keys()):
            for field in sorted(wanted[guid].keys() & there[guid].keys()):
                if wanted[guid][field] != there[guid][field]:
                    found.append(_difference(kind, guid, field, wanted[guid][field], there[guid][field]))
    return found


def _difference(kind, guid, field, wanted, there):
    if isinstance(wanted, list) and isinstance(there, list):
        return (f"{kind}: {guid} {field}: missing {sorted(set(wanted) - set(there))},"
                f" too many {sorted(set(there) - set(wanted))}")
    return f"{kind}: {guid} {field}: expected {wanted!r}, found {there!r}"


_USER_COLUMNS = {
    "user_name": "userName", "given_name": "givenName", "family_name": "familyName", "display_name": "displayName",
    "title": "title", "user_type": "userType", "preferred_language": "preferredLanguage",
    "primary_email": "primaryEmail", "active": "active",
}


def read_resources(users, groups):
    """The tenant as lists of SCIM resources show it; externalId has to hold the objectGUIDs."""
    ids = {resource["id"]: resource["externalId"] for resource in (*users, *groups)}
    return {
        "users": {user["externalId"]: _from_resource(user, ids) for user in users},
        "groups": {
            group["externalId"]: {
                "displayName": group["displayName"],
                "members": sorted(ids[member["value"]] for member in group.get("members", [])),
            } for group in groups
        },
    }


def _from_resource(user, ids):
    name, enterprise, emails = user.get("name", {}), user.get(ENTERPRISE, {}), user.get("emails", [])
    same = ("userName", "displayName", "title", "userType", "preferredLanguage")
    return {
        **{field: user.get(field) for field in same},
        **{field: name.get(field) for field in ("givenName", "familyName")},
        **{field: enterprise.get(field) for field in ("department", "employeeNumber", "organization")},
        "active": user.get("active"),
        "emails": sorted(email["value"] for email in emails),
        "primaryEmail": next((email["value"] for email in emails if email.get("primary")), None),
        "manager": ids.get(enterprise.get("manager", {}).get("value")),
    }


def read_views(cursor, tenant=None, source_ids=None):
    """The tenant as the vendor's views show it, through any DB-API cursor.

    `tenant` is the tenant's number in a shared database.  `source_ids` maps resource ids to
    objectGUIDs; without it external_id has to hold them."""
    where = "" if tenant is None else f" WHERE tenant_id = {int(tenant)}"

    def rows(view, columns):
        cursor.execute(f"SELECT {', '.join(columns)} FROM {view}{where}")
        return cursor.fetchall()

    ids, users, groups = {}, {}, {}
    for identity, external, *values in rows("scim_users", ["id", "external_id", *_USER_COLUMNS]):
        guid = ids[identity] = (source_ids or {}).get(identity, external)
        users[guid] = dict(zip(_USER_COLUMNS.values(), values), emails=[])
        users[guid]["active"] = bool(users[guid]["active"])
    for identity, email in rows("scim_user_emails", ["user_id", "email"]):
        users[ids[identity]]["emails"].append(email)
    for identity, external, name in rows("scim_groups", ["id", "external_id", "display_name"]):
        guid = ids[identity] = (source_ids or {}).get(identity, external)
        groups[guid] = {"displayName": name, "members": []}
    for group, member in rows("scim_group_members", ["group_id", "member_id"]):
        groups[ids[group]]["members"].append(ids[member])
    for user in users.values():
        user["emails"].sort()
    for group in groups.values():
        group["members"].sort()
    return {"users": users, "groups": groups}
