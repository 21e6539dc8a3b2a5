"""Random histories: what a directory goes through in a month, from a seed.

    for words in history.play(database, seed=7, count=100):     # "move u00012 OU=Outside,..."
        ...                                                     # each is done when it is told

The same seed on copies of the same template does the same; objectGUIDs of new objects differ.
"""

import random

import changes
import domain
import population

UNITS = (domain.STAFF, *(f"OU={place},{domain.STAFF}" for place in domain.STAFF_PLACES),
         domain.CONTRACTORS, domain.OUTSIDE)
WEIGHTS = {  # how often each happens, beside the others
    "create": 8, "change": 20, "rename": 5, "move": 8, "disable": 6, "enable": 6, "expire": 3, "keep": 3,
    "manager": 5, "photo": 2, "delete": 5, "restore": 3, "recreate": 2,
    "create-group": 2, "rename-group": 2, "delete-group": 1, "add-members": 14, "remove-members": 10,
    "nest": 3, "primary": 3,
}


class Directory:
    """Names of what there is, read once and then kept up to date."""

    def __init__(self, database, chance):
        self.database = database
        self.chance = chance
        found = database.search(domain.BASE, expression="(sAMAccountName=u*)", attrs=["sAMAccountName"])
        self.people = sorted(str(entry["sAMAccountName"]) for entry in found)
        found = database.search(
            domain.GROUPS, expression=f"(&(objectClass=group)(!(cn={population.PRIMARY})))", attrs=["sAMAccountName"]
        )
        self.groups = sorted(str(entry["sAMAccountName"]) for entry in found)
        self.deleted = []  # objectGUID and account name, in the order of deletion
        self.number = 0

    def person(self):
        return self.chance.choice(self.people)

    def group(self):
        return self.chance.choice(self.groups)

    def unit(self):
        return self.chance.choice(UNITS)

    def new_name(self, prefix):
        self.number += 1
        return f"{prefix}{self.number:04d}"

    def members(self, group):
        """Account names of the people who are direct members."""
        dn = changes.find(self.database, group)
        found = self.database.search(
            domain.BASE, expression=f"(&(sAMAccountName=u*)(memberOf={domain.escape_filter(str(dn))}))",
            attrs=["sAMAccountName"],
        )
        return sorted(str(entry["sAMAccountName"]) for entry in found)


def _texts(kind, directory):
    """The words of a change of this kind, or None where it isn't possible now."""
    chance = directory.chance
    simple = {
        "change": lambda: [directory.person(), chance.choice(["title", "department", "givenName"]),
                           f"Wert {chance.randrange(1000)}"],
        "rename": lambda: [directory.person(), directory.new_name("Neu, ")],
        "move": lambda: [directory.person(), directory.unit()],
        "manager": lambda: [directory.person(), directory.person()],
        "photo": lambda: [directory.person(), str(population.PHOTO_BYTES), str(chance.randrange(1000))],
        "create": lambda: [directory.new_name("u9"), directory.unit()],
        "create-group": lambda: [directory.new_name("Gruppe "), directory.person(), directory.person()],
        "rename-group": lambda: [directory.group(), directory.new_name("Umbenannt ")],
        "delete-group": lambda: [directory.group()],
        "nest": lambda: chance.sample(directory.groups, 2),
        "primary": lambda: [directory.person(), population.PRIMARY],
    }
    if kind in simple:
        return simple[kind]()
    if kind == "restore":
        return [directory.deleted[-1][0], directory.unit()] if directory.deleted else None
    if kind in ("add-members", "remove-members"):
        group = directory.group()
        there = directory.members(group)
        choice = there if kind == "remove-members" else sorted(set(directory.people) - set(there))
        count = min(len(choice), chance.choice([1, 1, 1, 2, 5]))
        return [group, *chance.sample(choice, count)] if count else None
    return [directory.person()]


_AS = {"rename-group": "rename", "delete-group": "delete", "nest": "add-members"}


def _note(kind, texts, guids, directory):
    if kind == "create":
        directory.people.append(texts[0])
    elif kind == "delete":
        directory.people.remove(texts[0])
        directory.deleted.append((guids[0], texts[0]))
    elif kind == "restore":
        directory.people.append(directory.deleted.pop()[1])
    elif kind == "create-group":
        directory.groups.append(texts[0])
    elif kind == "delete-group":
        directory.groups.remove(texts[0])


def play(database, seed, count):
    """Makes `count` changes; tells each, in words, when it is done."""
    import ldb

    chance = random.Random(seed)
    directory = Directory(database, chance)
    done = 0
    while done < count:
        [kind] = chance.choices(list(WEIGHTS), WEIGHTS.values())
        texts = _texts(kind, directory)
        if texts is None:
            continue
        try:
            guids = changes.KINDS[_AS.get(kind, kind)](database, *texts)
        except ldb.LdbError as error:
            # what the directory itself refuses: already a member, a primary group's member, a name taken
            if error.args[0] not in (ldb.ERR_ENTRY_ALREADY_EXISTS, ldb.ERR_UNWILLING_TO_PERFORM,
                                     ldb.ERR_CONSTRAINT_VIOLATION, ldb.ERR_ATTRIBUTE_OR_VALUE_EXISTS):
                raise
            continue
        _note(kind, texts, guids, directory)
        done += 1
        yield " ".join([kind, *("(deleted)" if text in guids else text for text in texts)])
