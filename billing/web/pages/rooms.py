"""The treatment rooms."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from billing.access.permissions import Permission
from billing.clinic.places import move_room, places
from billing.clinic.rooms import LONGEST_NAME, add_room, close_room, open_room, rename_room
from billing.clinic.rooms import rooms as all_rooms
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form
from billing.web.rendering import page

pages = Blueprint("rooms", __name__)
ADDRESS = "/settings/rooms"


@endpoint(pages, ADDRESS, may=Permission.EDIT_CLINIC, audit=None)
def rooms(call: Call) -> Response:
    """All rooms, each with what can be done about it."""
    return _shown(call)


def _shown(call: Call, id: int = 0) -> Response:
    return page(call, "settings/rooms.html", rooms=all_rooms(call.db), about=id, places=places(call.db))


@endpoint(pages, ADDRESS, method="POST", may=Permission.EDIT_CLINIC, audit="room added", subject="room", again=_shown)
def add(call: Call) -> Response:
    """One more room, at the clinic's own address or at another place of work."""
    form = Form()
    name = form.text("name", "Name", most=LONGEST_NAME)
    place_id = form.pick("place", "The place", [one.id for one in places(call.db)], required=False)
    form.refuse_any()
    move_room(call.db, add_room(call.db, name).id, place_id)
    return _done("The room is there.")


@endpoint(pages, f"{ADDRESS}/<int:id>", method="POST", may=Permission.EDIT_CLINIC, audit="room renamed",
          subject="room", again=_shown)  # fmt: skip
def rename(call: Call, id: int) -> Response:
    """Another name."""
    rename_room(call.db, id, _name())
    return _done("The room has its new name.")


@endpoint(pages, f"{ADDRESS}/<int:id>/close", method="POST", may=Permission.EDIT_CLINIC, audit="room closed",
          subject="room", again=_shown)  # fmt: skip
def close(call: Call, id: int) -> Response:
    """Nothing more is booked into it from today on."""
    close_room(call.db, id, call.today)
    return _done("The room is closed: nothing more can be booked into it. What is booked stays.")


@endpoint(pages, f"{ADDRESS}/<int:id>/open", method="POST", may=Permission.EDIT_CLINIC, audit="room opened",
          subject="room", again=_shown)  # fmt: skip
def open_again(call: Call, id: int) -> Response:
    """It can be booked again."""
    open_room(call.db, id)
    return _done("The room can be booked again.")


def _name() -> str:
    form = Form()
    name = form.text("name", "Name", most=LONGEST_NAME)
    form.refuse_any()
    return name


def _done(words: str) -> Response:
    flash(words)
    return make_response(redirect(url_for(f"{request.blueprint}.rooms"), 303))
