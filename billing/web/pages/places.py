"""Places of work besides the clinic's own address."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.clinic.country import country_of, is_american
from billing.clinic.models import PlaceOfWork
from billing.clinic.places import (
    LONGEST_NAME,
    PlaceDetails,
    add_place,
    edit_place,
    move_room,
    place_details_of,
    place_with_id,
    places,
)
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form, seen_mark
from billing.web.rendering import page

pages = Blueprint("places", __name__)
ADDRESS = "/settings/places"
_MAY = Permission.EDIT_CLINIC
_NOWHERE = PlaceDetails("", "", "", "", "", "", "")


@endpoint(pages, f"{ADDRESS}/new", may=_MAY, audit=None)
def new_form(call: Call) -> Response:
    """The form for one more place."""
    return _form(call, None)


@endpoint(pages, ADDRESS, method="POST", may=_MAY, audit="place of work added", subject="place", again=new_form)
def add(call: Call) -> Response:
    """One more place."""
    add_place(call.db, _typed(Form()))
    flash("The place is there. Say which rooms are in it; sessions in them ask for its state's licence.")
    return _to_rooms()


@endpoint(pages, f"{ADDRESS}/<int:id>", may=_MAY, audit=None)
def place_form(call: Call, id: int) -> Response:
    """The form with what is on file of a place."""
    return _form(call, place_with_id(call.db, id))


@endpoint(pages, f"{ADDRESS}/<int:id>", method="POST", may=_MAY, audit="place of work changed", subject="place",
          again=place_form)  # fmt: skip
def save(call: Call, id: int) -> Response:
    """Keep what was corrected of a place."""
    form = Form()
    form.check_seen(seen_mark(place_details_of(place_with_id(call.db, id))))
    edit_place(call.db, id, _typed(form))
    flash("Saved. Claims that were sent stay as they are.")
    return _to_rooms()


@endpoint(pages, "/settings/rooms/<int:id>/place", method="POST", may=_MAY, audit="room's place changed",
          subject="room")  # fmt: skip
def put_room(call: Call, id: int) -> Response:
    """Say where a room is."""
    form = Form()
    place_id = form.pick("place", "The place", [one.id for one in places(call.db)], required=False)
    form.refuse_any()
    move_room(call.db, id, place_id)
    call.detail["place"] = place_id
    flash("The room is there now. Sessions in it that are not billed yet are judged by that place.")
    return _to_rooms()


def _form(call: Call, place: PlaceOfWork | None) -> Response:
    details = place_details_of(place) if place else _NOWHERE
    return page(
        call, "settings/place.html", place=place, details=details, seen=seen_mark(details) if place else "",
        american=is_american(call.clinic), country=country_of(call.clinic),
    )  # fmt: skip


def _typed(form: Form) -> PlaceDetails:
    details = PlaceDetails(
        name=form.text("name", "The name", most=LONGEST_NAME),
        address1=form.text("address1", "The street"),
        address2=form.text("address2", "The second line", required=False),
        city=form.text("city", "The city"),
        state=form.text("state", "The state or county"),
        zip=form.text("zip", "The postcode", most=20),
        country=form.text("country", "The country", most=2, required=False),
        npi=form.text("npi", "The NPI", most=20, required=False),
    )
    form.refuse_any()
    return details


def _to_rooms() -> Response:
    return make_response(redirect(url_for("rooms.rooms"), 303))
