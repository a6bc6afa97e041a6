"""Grey cubes of any size on disk, written plane by plane as BigTIFF without any library."""
import random
import struct

# Sides of the grains in voxels, so that no size of cube repeats another's layout.
GRAIN = (11, 17, 13)
LEVELS = (9000, 30000, 52000)
# Two grains in five are pores, which then percolate.
SHARES = (0, 0, 1, 1, 2)


def rows_of_grains(size, layer):
    """The rows of one layer of grains, one for each grain along y."""
    result = []
    for row in range(size // GRAIN[1] + 1):
        draw = random.Random(layer * 100003 + row)
        levels = (LEVELS[draw.choice(SHARES)] for _ in range(size // GRAIN[2] + 1))
        result.append(b"".join(struct.pack("<H", level) * GRAIN[2] for level in levels)[:2 * size])
    return result


def plane(size, z, noise):
    """One slice: grains of three grey levels, with noise in their low 12 bits."""
    rows = rows_of_grains(size, z // GRAIN[0])
    flat = b"".join(rows[y // GRAIN[1]] for y in range(size))
    shift = z * 7919 % (len(noise) - len(flat)) & ~1
    low = noise[shift:shift + len(flat)]
    return (int.from_bytes(flat, "little") ^ int.from_bytes(low, "little")).to_bytes(len(flat), "little")


def write(path, size):
    """A cube of uint16, directories behind the pixels."""
    page = size * size * 2
    table = random.Random(1).randbytes(1 << 16)
    table = bytes(byte if index % 2 == 0 else byte & 0x0F for index, byte in enumerate(table))
    noise = table * (page // len(table) + 2)
    head, tags = 16, 10
    directory = 8 + 20 * tags + 8
    first = head + page * size
    with open(path, "wb") as file:
        file.write(struct.pack("<2sHHHQ", b"II", 43, 8, 0, first))
        for z in range(size):
            file.write(plane(size, z, noise))
        for z in range(size):
            entries = [
                (256, 4, 1, size), (257, 4, 1, size), (258, 3, 1, 16), (259, 3, 1, 1), (262, 3, 1, 1),
                (273, 16, 1, head + page * z), (277, 3, 1, 1), (278, 4, 1, size), (279, 16, 1, page), (339, 3, 1, 1),
            ]
            file.write(struct.pack("<Q", tags))
            for tag, kind, count, value in entries:
                file.write(struct.pack("<HHQQ", tag, kind, count, value))
            file.write(struct.pack("<Q", first + directory * (z + 1) if z + 1 < size else 0))
