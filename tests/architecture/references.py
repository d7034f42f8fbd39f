"""Which way tables point: strings that no import check can see."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import DeclarativeBase, Mapper

from tests.architecture.tree import height


def references_upward(base: type[DeclarativeBase]) -> list[str]:
    """Foreign keys and relationships that do not end in the same or in a lower room."""
    rooms = {str(mapper.local_table): _room(mapper) for mapper in base.registry.mappers}
    return sorted(
        f"{arrow} leads from {room} to {target}"
        for arrow, room, target in (*_foreign_keys(base, rooms), *_relationships(base))
        if room != target and height(target) >= height(room)
    )


def _room(mapper: Mapper[object]) -> str:
    """The room itself, wherever in it the table stands."""
    return ".".join(mapper.class_.__module__.split(".")[:2])


def _foreign_keys(base: type[DeclarativeBase], rooms: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    for table in base.metadata.tables.values():
        for key in table.foreign_keys:
            yield f"{table.name}.{key.parent.name}", rooms[table.name], rooms[key.column.table.name]


def _relationships(base: type[DeclarativeBase]) -> Iterator[tuple[str, str, str]]:
    for mapper in base.registry.mappers:
        for relationship in mapper.relationships:
            yield str(relationship), _room(mapper), _room(relationship.mapper)
