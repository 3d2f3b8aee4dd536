from contextlib import nullcontext

from django.db import IntegrityError, transaction
from django.db.models import F

from commerce.catalog import active_items, shown_product
from commerce.databases import COMMITS, sqlstate_of
from commerce.input import NewOrder, OrderedItem
from commerce.models import Order, OrderItem, Product, ProductItem, User
from commerce.problems import Problem, number_taken, unauthorized

_UNIQUE_VIOLATION = "23505"
_ordering = transaction.atomic if COMMITS == "one" else nullcontext


def place(user_id: int, new: NewOrder) -> tuple[Order, list[OrderItem]]:
    """The statements of the contract, in its order, in one transaction.

    With DB_COMMITS=each in the article's four: a process that ends between them leaves a
    pending order. What is refused leaves nothing.
    """
    try:
        with _ordering():
            return _placed(user_id, new)
    except IntegrityError as error:
        # Two who come together may both find the number free.
        if sqlstate_of(error) == _UNIQUE_VIOLATION:
            raise number_taken(new.number) from None
        raise


def _placed(user_id: int, new: NewOrder) -> tuple[Order, list[OrderItem]]:
    if Order.objects.filter(number=new.number).values_list("id").first():
        raise number_taken(new.number)
    product = shown_product(new.product_id)
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise unauthorized("There is no such user.")
    order = Order.objects.create(
        number=new.number, user=user, product=product, status="pending"
    )
    try:
        sold = _sell(product, new.items)
    except Problem:
        if COMMITS == "each":
            Order.objects.filter(pk=order.pk).delete()
        raise
    pieces = OrderItem.objects.bulk_create(
        OrderItem(order=order, product_item=item, price_minor=item.price_minor)
        for item, quantity in sold
        for _ in range(quantity)
    )
    order.status = "completed"
    order.save(update_fields=["status", "updated_at"])
    return order, pieces


# Within the order's transaction it is a part of that.
@transaction.atomic(savepoint=False)
def _sell(
    product: Product, ordered: list[OrderedItem]
) -> list[tuple[ProductItem, int]]:
    Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    offered = {item.id: item for item in active_items(product)}
    bought = [(_bought(each, offered), each.quantity) for each in ordered]
    for item, quantity in bought:
        items = ProductItem.objects.filter(pk=item.pk)
        items.update(sold=F("sold") + quantity)
    return bought


def _bought(each: OrderedItem, offered: dict[int, ProductItem]) -> ProductItem:
    item = offered.get(each.id)
    if item is None:
        detail = f"The product has no item {each.id}."
        raise Problem(422, "unknown-item", detail)
    if not item.is_open:
        raise Problem(422, "not-on-sale", f"Item {each.id} is not on sale now.")
    if item.stock - item.sold < each.quantity:
        detail = f"Fewer than {each.quantity} of item {each.id} are left."
        raise Problem(409, "sold-out", detail)
    return item
