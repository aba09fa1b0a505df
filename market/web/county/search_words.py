"""Dialect and old names that finding knows: review them, add the county's own, switch off what misleads."""

from collections import Counter

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import NotFound, Refused
from market.search.dialects import Synonym
from market.search.models import Verdict
from market.search.rule_word import MOST_CHARS, add_word, rule_word, said_lately, words_of
from market.web.county import bp
from market.web.once import once
from market.web.refusals import show

Page = tuple[str, int] | Response
VERDICTS = {
    Verdict.suggested: lazy_gettext("没有核对"),
    Verdict.reviewed: lazy_gettext("核对过"),
    Verdict.off: lazy_gettext("停用"),
}
_filled = InputRequired(lazy_gettext("请填写这一项"))


class WordForm(FlaskForm):
    """A word of the county's own."""

    word = StringField(lazy_gettext("乡亲怎么说"), [_filled, Length(max=MOST_CHARS)])
    means = StringField(lazy_gettext("指的是"), [_filled, Length(max=MOST_CHARS)])
    region = StringField(lazy_gettext("哪里的说法"), [_filled, Length(max=20)])
    source = StringField(lazy_gettext("谁说的、哪本书上的"), [_filled, Length(max=120)])


@bp.get("/words")
def search_words() -> str:
    """The words of one region, each with its source and what the county says of it."""
    return _page(WordForm(formdata=None))


@bp.post("/words")
@once("county.add_word")
def add_search_word() -> Page:
    """Add one; it works as a suggestion until it is reviewed."""
    form = WordForm()
    if form.validate_on_submit():
        typed = {name: form[name].data or "" for name in ("word", "means", "region", "source")}
        row = Synonym(**typed, reviewed=False)
        try:
            add_word(db.session(), g.county_code, current_user.id, row, clock.now())
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("加上了。核对以前，它只在货架上没有这个词时才管用。"))
            return redirect(url_for("county.search_words"), 303)
    return _page(form), 422


@bp.post("/words/verdict")
@once("county.rule_word")
def rule_search_word() -> Page:
    """Say that a word is right, or switch it off, or leave it open again."""
    word, means = request.form.get("word", ""), request.form.get("means", "")
    wanted = request.form.get("verdict", "")
    if wanted not in list(Verdict):
        raise NotFound
    rule_word(db.session(), g.county_code, current_user.id, word, means, Verdict(wanted), clock.now())
    flash(_("“%(word)s”：%(verdict)s", word=word, verdict=VERDICTS[Verdict(wanted)]))
    return redirect(url_for("county.search_words", region=request.form.get("region") or None), 303)


def _page(form: WordForm) -> str:
    every = words_of(db.session(), g.county_code)
    regions = Counter(word.row.region for word in every)
    asked = request.args.get("region", "")
    region = asked if asked in regions else next(iter(regions), "")
    return render_template(
        "county/words.html",
        form=form,
        regions=regions,
        region=region,
        words=[word for word in every if word.row.region == region],
        verdicts=VERDICTS,
        said=said_lately(db.session(), g.county_code),
    )
