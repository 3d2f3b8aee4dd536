from django.db import IntegrityError, transaction
from django.db.models import F

from commerce.input import NewOrder
from commerce.models import Order, Product
from commerce.problems import Problem


@transaction.atomic
def place(new: NewOrder) -> Order:
    """Counts the pieces as sold only while stock lasts, so that none is sold twice.

    The price is read once the update holds the row: Django 4.2's `update` returns none.
    """
    reserved = Product.objects.filter(
        pk=new.product_id, stock__gte=F("sold") + new.quantity
    ).update(sold=F("sold") + new.quantity)
    product = Product.objects.filter(pk=new.product_id).first()
    if product is None:
        raise Problem(404, "unknown-product", f"No product {new.product_id}.")
    if not reserved:
        raise Problem(409, "sold-out", f"Fewer than {new.quantity} left.")
    return Order.objects.create(
        product=product,
        quantity=new.quantity,
        unit_price_minor=product.price_minor,
        currency=product.currency,
        idempotency_key=new.key,
    )


def place_once(new: NewOrder) -> Order:
    """Places an order unless one was placed under the same key, which is given instead.

    When two come together, both may find none. Then the unique index lets one of them
    commit; the other fails on it, or finds the stock taken by its twin: it looks again.
    """
    if earlier := _placed_under(new):
        return earlier
    try:
        return place(new)
    except (IntegrityError, Problem):
        if twin := _placed_under(new):
            return twin
        raise


def _placed_under(new: NewOrder) -> Order | None:
    order = Order.objects.filter(idempotency_key=new.key).first()
    if order and (order.product_id, order.quantity) != (new.product_id, new.quantity):
        detail = "This Idempotency-Key was used for another order."
        raise Problem(422, "idempotency-key-reused", detail)
    return order
