"""State tables: what may follow what, and a refusal for the rest."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol, TypeVar

from market.kernel.errors import Refused

S = TypeVar("S", bound=StrEnum)


class Stateful(Protocol[S]):
    """Anything with a `state`."""

    state: S


class States(Mapping[S, frozenset[S]]):
    """A table of the moves a thing may make; a state without moves is an end."""

    def __init__(self, name: str, moves: Mapping[S, set[S]]) -> None:
        self.name = name
        self._moves = {state: frozenset(then) for state, then in moves.items()}
        missing = {then for after in moves.values() for then in after} - set(moves)
        if missing:
            raise ValueError(f"{name}: states without a row: {sorted(missing)}")

    def __getitem__(self, state: S) -> frozenset[S]:
        return self._moves[state]

    def __iter__(self):  # type: ignore[no-untyped-def]  # Mapping's own annotation is enough
        return iter(self._moves)

    def __len__(self) -> int:
        return len(self._moves)

    def step(self, now: S, to: S) -> S:
        """`to`, where the table lets it follow `now`. Raises Refused(``state.illegal_move``) where not."""
        if to not in self._moves[now]:
            raise Refused("state.illegal_move", thing=self.name, now=now.value, to=to.value)
        return to

    def move(self, thing: Stateful[S], to: S) -> None:
        """Put `thing` in state `to`. Raises as `step`."""
        thing.state = self.step(thing.state, to)

    def is_end(self, state: S) -> bool:
        """Whether nothing can follow `state`."""
        return not self._moves[state]
