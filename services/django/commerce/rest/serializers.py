"""What travels over HTTP."""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from commerce import catalog, input, models
from commerce.rest.refusal import OUT_OF_RANGE


class Money(serializers.IntegerField):
    """An amount in the smallest unit of the context's currency."""

    def to_representation(self, value: int) -> dict[str, int | str]:
        return catalog.money(value, self.context["currency"])


class ShownProduct(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    lowestPrice = serializers.SerializerMethodField("lowest_price_of")
    onSale = serializers.SerializerMethodField("is_on_sale")

    def lowest_price_of(self, product: models.Product) -> dict[str, int | str] | None:
        lowest = product.lowest
        return None if lowest is None else catalog.money(lowest, product.currency)

    def is_on_sale(self, product: models.Product) -> bool:
        return product.lowest is not None


class Item(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    cost = Money(source="cost_minor")
    price = Money(source="price_minor")
    discountPercent = serializers.SerializerMethodField("discount_percent_of")
    onSale = serializers.SerializerMethodField("is_on_sale")
    stock = serializers.IntegerField()
    sold = serializers.IntegerField()

    def discount_percent_of(self, item: models.ProductItem) -> int:
        return catalog.discount_percent(item)

    def is_on_sale(self, item: models.ProductItem) -> bool:
        return catalog.is_on_sale(item)


class Product(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()
    items = Item(many=True, source="active_items")


class Piece(serializers.Serializer):
    id = serializers.IntegerField()
    itemId = serializers.IntegerField(source="product_item_id")
    name = serializers.CharField(source="product_item.name")
    price = Money(source="price_minor")


class Order(serializers.Serializer):
    number = serializers.CharField()
    status = serializers.CharField()
    productId = serializers.IntegerField(source="product_id")
    pieces = Piece(many=True)
    total = serializers.SerializerMethodField("total_of")
    createdAt = serializers.DateTimeField(source="created_at")

    def total_of(self, order: models.Order) -> dict[str, int | str]:
        total = sum(piece.price_minor for piece in order.pieces)
        return catalog.money(total, self.context["currency"])


class Whole(serializers.IntegerField):
    """A number, where the framework would also take its text."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """As it stands, where the framework would take a number, and cut spaces off."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class OrderedItem(serializers.Serializer):
    id = Whole(min_value=1, max_value=input.ID_MAX)
    quantity = Whole()

    def validate_quantity(self, quantity: int) -> int:
        _require(1 <= quantity <= 100, "must be from 1 to 100")
        return quantity


class NewOrder(serializers.Serializer):
    number = Text(validators=[RegexValidator(rf"\A{input.NUMBER}\Z")])
    productId = Whole(min_value=1, max_value=input.ID_MAX)
    items = OrderedItem(many=True)

    def validate_items(self, items: list[dict[str, int]]) -> list[dict[str, int]]:
        _require(1 <= len(items) <= 10, "must have 1 to 10 entries")
        ids = {item["id"] for item in items}
        _require(len(ids) == len(items), "has an item twice")
        return items

    def order(self) -> input.NewOrder:
        number, product_id, items = (
            self.validated_data[name] for name in ("number", "productId", "items")
        )
        ordered = [input.OrderedItem(**item) for item in items]
        return input.NewOrder(number, product_id, ordered)


class Credentials(serializers.Serializer):
    email = Text(validators=[RegexValidator(rf"\A{input.EMAIL}\Z")])
    password = Text(max_length=255)


def _require(is_in_range: bool, rule: str) -> None:
    if not is_in_range:
        raise serializers.ValidationError(rule, code=OUT_OF_RANGE)
