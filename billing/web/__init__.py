"""The desk in the browser: pages, forms, and who may see them.

Law: a page or form exists only through :func:`billing.web.endpoint.endpoint`, which says who may
use it, opens its transaction and writes its audit row. Flask is known in this room alone, and
everything works without JavaScript.
"""
