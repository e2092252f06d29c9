"""Words and names that made-up records are made of (LIB-21)."""

from __future__ import annotations

FIRST_NAMES = (
    "Ada", "Alan", "Amina", "Anders", "Barbara", "Carlos", "Chen", "Clara", "David", "Elena",
    "Emil", "Fatima", "Grace", "Hana", "Hugo", "Ines", "Ivan", "Jonas", "Karin", "Leila", "Linus",
    "Lucia", "Margaret", "Mateo", "Mia", "Nadia", "Noah", "Olga", "Omar", "Paula", "Radia", "Rosa",
    "Samir", "Sofia", "Tim", "Vera", "Yuki", "Zoe",
)  # fmt: skip

LAST_NAMES = (
    "Andersson", "Bauer", "Becker", "Castro", "Costa", "Duarte", "Evans", "Fischer", "Garcia",
    "Haddad", "Hansen", "Ito", "Jansen", "Keller", "Khan", "Kovacs", "Lang", "Lehmann", "Lopez",
    "Martin", "Meyer", "Moreau", "Nielsen", "Novak", "Okafor", "Olsen", "Patel", "Petrov", "Rossi",
    "Sato", "Silva", "Sokolov", "Tanaka", "Torres", "Varga", "Weber", "Wilson", "Winter", "Wong",
    "Young",
)  # fmt: skip

CITIES = (
    "Accra", "Basel", "Bergen", "Boston", "Cairo", "Delhi", "Dublin", "Genoa", "Hanoi", "Kyoto",
    "Lagos", "Lima", "Lyon", "Oslo", "Porto", "Quito", "Riga",
)  # fmt: skip

COUNTRIES = (
    "Brazil", "Canada", "Egypt", "France", "Germany", "Ghana", "India", "Italy", "Japan", "Kenya",
    "Mexico", "Norway", "Peru", "Spain",
)  # fmt: skip

STREETS = (
    "Bridge", "Station", "Church", "Garden", "Harbour", "High", "Hill", "Lake", "Market", "Meadow",
    "Mill", "North", "Oak", "Park", "River", "School",
)  # fmt: skip

COMPANIES = (
    "Alder", "Basalt", "Cobalt", "Delta", "Ember", "Falcon", "Granite", "Harbor", "Indigo",
    "Juniper", "Kestrel", "Lumen", "Meridian", "Nimbus",
)  # fmt: skip
TEXT = """
The harbour was quiet when the first boat came in before sunrise. A woman on the pier counted the boxes
and wrote each number into a small book. The numbers were never the same two days in a row, and she liked
that about the work. When the market opened, people from the hill walked down to the water and asked what
the sea had brought. The old baker bought two boxes every morning and gave her a warm loaf of bread. In
the afternoon the wind turned and the boats stayed close to the shore. Children ran along the wall and
counted the sails on the water. A teacher from the school by the river told them how the moon moves the
sea, and the children asked why the moon does not move the hill. In the evening the lamps along the pier
were lit one after the other. The woman closed her book and looked at the water until the last boat was
home. Every day began like this, and no day was like the other. The old man by the lamp said that the sea
keeps a book of its own, and that nobody has ever read it to the end.
"""
