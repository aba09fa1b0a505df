"""People who buy, each with an address in a real village."""

from market.people.addresses import AddressInput, add_address
from market.people.models import Account
from market.people.queries import addresses
from market.places.models import Region
from market.seed.county import villages_by_turns
from market.seed.world import World


def settle(world: World) -> None:
    """The plan's consumers, spread over the towns."""
    villages = list(villages_by_turns(world))
    wanted = world.plan.consumers * world.scale
    for number in range(1, wanted + 1):
        account = world.account("consumer", number)
        if not addresses(world.session, account.id):
            _move_in(world, account, villages[number % len(villages)])
        world.progress("consumers", number, wanted)


def _move_in(world: World, account: Account, village: Region) -> None:
    chance = world.random(f"address:{account.phone}")
    written = AddressInput(
        county_code=world.plan.code,
        township_code=village.code[:9],
        village_code=village.code,
        detail=f"{chance.randint(1, 8)} 组 {chance.randint(1, 60)} 号",
        recipient_name=account.name,
        phone=account.phone,
    )
    add_address(world.session, account.id, written, world.now)
