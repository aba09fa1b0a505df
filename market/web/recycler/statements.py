"""What this recycler owes of each month."""

from flask import g, render_template

from market.kernel import clock
from market.kernel.db import db
from market.ledger.queries import balance
from market.ledger.rules import recycler_due
from market.settlements import statement_queries as room
from market.web.recycler import bp


@bp.get("/statements")
def statements() -> str:
    """Each month device by device; and what the running month has come to."""
    session = db.session()
    waiting = room.unlisted(session, g.recycler.id)
    return render_template(
        "recycler/statements.html",
        statements=room.statements_of(session, g.recycler.id),
        owed_fen=balance(session, recycler_due(g.recycler.id)),
        running_fen=sum(room.owed_fen(session, g.recycler.id, entry) for entry in waiting),
        today=clock.local_date(clock.now()),
    )
