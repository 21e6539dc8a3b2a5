"""Who is in the lab: the same people and groups for the same size, computed and not stored.

Pure: entries as dictionaries, in an order in which each can be added.  Besides ordinary people there
is one of each thing that a reader of directories gets wrong; SPECIAL names them.
"""

import random

import domain

SEED = 20240229
BOSS_SPAN = 8  # people for each manager: person n reports to (n - 1) // 8
DISABLED_EVERY, EXPIRED_EVERY, EXPIRING_EVERY, NEVER_EVERY = 12, 40, 25, 5
PHOTO_EVERY, OTHER_PRIMARY_EVERY, BARE_EVERY = 50, 30, 35
TEAM_SIZE = 20
QUARTERS = 4  # groups of 35 % of the people each
QUARTER_SHARE = 0.35
PAST = domain.filetime(1577836800)  # 2020-01-01
FUTURE = domain.filetime(4070908800)  # 2099-01-01
PHOTO_BYTES = 2000
FOREIGN_SID = "S-1-5-21-3623811015-3361044348-30300820-1013"

GIVEN = (
    "Jörg", "Ada", "Zoë", "Łukasz", "Søren", "Ольга", "Дмитрий", "Ελένη", "Nguyễn", "玲",
    "Anne-Marie", "Conor", "José", "Şebnem", "Mary Jane", "Ægir",
)
FAMILY = (
    "Müller", "O'Brien", "Groß", "van der Berg", "Иванова", "Παπαδόπουλος", "Núñez", "Þórsson",
    "Smith", "王", "Đặng", "Çelik", "de la Cruz", "Ångström", "Ó Súilleabháin", "Žižka",
)
DEPARTMENTS = ("Research", "Sales & Service", "Küche", "R+D", "Legal", "Отдел кадров")
TITLES = ("Engineer", "Lead \"X\"", "Verkäufer*in", "Intern", "Head of (all) Things")
PLACES = (
    ("Berlin", "10115", "DE", "Germany"), ("Wien", "1010", "AT", "Austria"), ("Zürich", "8001", "CH", "Switzerland"),
)
LANGUAGES = ("de-DE", "en-GB", "ru", "el-GR")

TEAM_NAME = "Team {:03d}"
EVERYBODY, EMPTY, HUB = "Everybody", "Empty", "Hub"
CHAIN = ("Chain 7", "Chain 8", "Chain 9")  # 7 in 8 in 9
LOOP = ("Loop 10", "Loop 11")  # each in the other
MIXED = "Mixed"  # a person, a computer, a contact, an inetOrgPerson, somebody of another forest
PRIMARY = "Primary"  # some have it as their primary group
INET_PERSON, CONTACT, COMPUTER = "inet.person", "Extern, Erna", "PC-01"


def group_dn(name):
    return f"CN={domain.escape_rdn(name)},{domain.GROUPS}"


def person_name(number):
    """sAMAccountName of a person; numbers begin at 1."""
    return f"u{number:05d}"


def _container(number):
    if number % 10 == 0:
        return domain.CONTRACTORS
    if number % 17 == 0:
        return domain.OUTSIDE
    if number % 3 == 0:
        return domain.STAFF
    return f"OU={PLACES[number % len(PLACES)][0]},{domain.STAFF}"


def _names(number):
    return GIVEN[number % len(GIVEN)], FAMILY[(number // len(GIVEN) + number) % len(FAMILY)]


def person_dn(number):
    given, family = _names(number)
    return f"CN={domain.escape_rdn(f'{family}, {given} {number:05d}')},{_container(number)}"


def _expiry(number):
    if number % EXPIRED_EVERY == 0:
        return PAST
    if number % EXPIRING_EVERY == 0:
        return FUTURE
    return domain.NEVER[0] if number % NEVER_EVERY == 0 else domain.NEVER[1]


def _control(number):
    disabled = domain.UF_ACCOUNTDISABLE if number % DISABLED_EVERY == 0 else 0
    return domain.UF_NORMAL_ACCOUNT | disabled


def _contact_data(number, chance):
    """What an administrator may leave out: a bare account has none of it."""
    given, family = _names(number)
    place, code, country, country_name = PLACES[number % len(PLACES)]
    name = person_name(number)
    entry = {
        "userPrincipalName": f"{name}@{domain.DNS_DOMAIN}", "givenName": given, "sn": family,
        "displayName": f"{given} {family}", "mail": f"{name.upper()}@Lab.Example",
        "proxyAddresses": [f"SMTP:{name.upper()}@Lab.Example", f"smtp:{name}.alias@lab.example",
                           f"x500:/o=lab/ou=ex/cn={name}"],
        "telephoneNumber": f"+49 30 {number:07d}", "mobile": f"+49 170 {number:07d}",
        "title": chance.choice(TITLES), "department": chance.choice(DEPARTMENTS),
        "company": "Lab & Söhne", "employeeID": f"E{number:06d}", "employeeNumber": str(number),
        "employeeType": "Contractor" if _container(number) == domain.CONTRACTORS else "Employee",
        "streetAddress": f"Straße {number}\r\nHinterhaus", "l": place, "postalCode": code, "c": country,
        "co": country_name, "preferredLanguage": LANGUAGES[number % len(LANGUAGES)],
        "physicalDeliveryOfficeName": f"Room {number % 97}",
    }
    if number % PHOTO_EVERY == 0:
        entry["thumbnailPhoto"] = photo(chance)
    return entry


def photo(chance, length=PHOTO_BYTES):
    """Bytes that begin as a JPEG does, zero bytes among them."""
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + chance.randbytes(length)


def person(number):
    """One person's entry."""
    entry = {
        "dn": person_dn(number), "objectClass": "user", "sAMAccountName": person_name(number),
        "userAccountControl": str(_control(number)), "accountExpires": str(_expiry(number)),
    }
    if number % BARE_EVERY != 0:
        entry.update(_contact_data(number, random.Random(SEED + number)))
    if number > 1:
        entry["manager"] = person_dn(max(1, (number - 1) // BOSS_SPAN))
    return entry


def others():
    """Members and neighbours that are no ordinary people."""
    return [
        {"dn": f"CN={INET_PERSON},{domain.STAFF}", "objectClass": "inetOrgPerson", "sn": "Person",
         "sAMAccountName": INET_PERSON, "userAccountControl": str(domain.UF_NORMAL_ACCOUNT),
         "userPrincipalName": f"{INET_PERSON}@{domain.DNS_DOMAIN}"},
        {"dn": f"CN={domain.escape_rdn(CONTACT)},{domain.STAFF}", "objectClass": "contact", "sn": "Extern",
         "mail": "erna@elsewhere.example"},
        {"dn": f"CN={COMPUTER},{domain.DEVICES}", "objectClass": "computer",
         "sAMAccountName": f"{COMPUTER}$", "userAccountControl": "4096"},
    ]


def _group(name, members, kind="-2147483646", **attributes):
    entry = {"dn": group_dn(name), "objectClass": "group", "sAMAccountName": name.replace(",", ""), "groupType": kind, **attributes}
    if members:
        entry["member"] = members
    return entry


def groups(size):
    """All groups, members included; a group stands after those that it holds."""
    chance = random.Random(SEED)
    everybody = [person_dn(number) for number in range(1, size + 1)]
    yield _group(EVERYBODY, everybody, description="All of us, öäü")
    for quarter in range(QUARTERS):
        yield _group(f"Quarter {quarter + 1}", sorted(chance.sample(everybody, int(size * QUARTER_SHARE))))
    for team in range(size // TEAM_SIZE):
        yield _group(TEAM_NAME.format(team + 1), everybody[team * TEAM_SIZE:(team + 1) * TEAM_SIZE])
    yield _group(EMPTY, [])
    yield _group(PRIMARY, [])
    below = []
    for name in CHAIN:
        yield _group(name, below + everybody[:2])
        below = [group_dn(name)]
    yield _group(LOOP[0], everybody[:1])
    yield _group(LOOP[1], [group_dn(LOOP[0])] + everybody[1:2], kind="-2147483640", mail="loop@lab.example")
    yield _group(
        MIXED, everybody[:1] + [entry["dn"] for entry in others()] + [f"<SID={FOREIGN_SID}>"], kind="-2147483644"
    )
    yield _group("Mail, only", everybody[:3], kind="8", mail="list@lab.example")  # a distribution list


def with_other_primary(size):
    """DNs of those whose primary group is PRIMARY."""
    return [person_dn(number) for number in range(1, size + 1) if number % OTHER_PRIMARY_EVERY == 0]
