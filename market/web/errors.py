"""Error pages: what happened and what to do, in the reader's language, with the request's id."""

import logging

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_babel import LazyString, gettext, lazy_gettext
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable
from werkzeug.exceptions import NotFound as NoSuchPage

from market.kernel.db import db
from market.kernel.errors import NotFound, Refused
from market.web.logs import request_id
from market.web.messages import sentence

log = logging.getLogger("market.web.errors")

SENTENCES: dict[int, LazyString] = {
    400: lazy_gettext("这个请求不完整，请返回上一页重试"),
    404: lazy_gettext("找不到这个页面，可能已经下架或地址写错了"),
    405: lazy_gettext("这个地址不能这样打开，请从首页重新进入"),
    413: lazy_gettext("文件太大了，请换一张小一些的照片"),
    429: lazy_gettext("试的次数太多了，请过一刻钟再来"),
    500: lazy_gettext("系统出错了，您的操作没有生效，请稍后再试"),
    503: lazy_gettext("系统正忙，请过一分钟再试"),
}


def register(app: Flask) -> None:
    """Answer every error of `app` with a page."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Exception, _unforeseen)


def answer(status: int, text: str) -> Response:
    """The page for `status`, saying `text`; JSON where that is what was asked for."""
    if request.accept_mimetypes.best == "application/json":
        response = jsonify(status=status, error=text, request_id=request_id())
    else:
        response = make_response(_page(status, text))
    response.status_code = status
    return response


def _page(status: int, text: str) -> str:
    """The page, or bare words where even the page cannot be made (the database may be what is broken)."""
    try:
        return render_template("errors/error.html", status=status, sentence=text, request_id=request_id())
    except Exception:
        log.exception("the error page itself failed")
        return f"<!doctype html><html lang=zh-CN><title>{status}</title><p>{escape(text)}</p>"


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.get_response())
    status = error.code or 500
    response = answer(status, str(SENTENCES.get(status, SENTENCES[400 if status < 500 else 500])))
    if status == 429:
        response.headers["Retry-After"] = str(15 * 60)
    for name, value in error.get_headers(request.environ):
        if name not in ("Content-Type", "Content-Length"):
            response.headers.setdefault(name, value)
    return response


def _csrf(error: CSRFError) -> Response:
    return answer(400, gettext("页面已过期，您的操作没有生效。请返回上一页，刷新后再试"))


def _not_found(error: NotFound) -> Response:
    db.session.rollback()
    return _http(NoSuchPage())


def _refused(refused: Refused) -> Response:
    """A refusal no view put by its field: 422 where a field was wrong, 409 where the moment is."""
    db.session.rollback()
    return answer(422 if refused.field else 409, sentence(refused))


def _database(error: OperationalError) -> Response:
    db.session.rollback()
    log.error("database: %s", type(error.orig).__name__)
    return _http(ServiceUnavailable(retry_after=60))


def _unforeseen(error: Exception) -> Response:
    log.exception("unforeseen error at %s", request.path)
    db.session.rollback()
    return _http(InternalServerError())
