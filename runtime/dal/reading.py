"""x"""


class FastReading:
    pass
