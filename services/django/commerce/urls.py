from django.urls import path

from commerce import catalog, operation, orders, tokens

# A `str` where Django would offer `int`: an id that is none is 400, and not 404.
urlpatterns = [
    path("products", catalog.list_products),
    path("products/<str:id>", catalog.view_product),
    path("orders", orders.place_order),
    path("orders/<str:number>", orders.view_order),
    path("sign-in", tokens.sign_in),
    path("healthz", operation.is_alive),
    path("readyz", operation.is_ready),
]

handler400 = "commerce.problems.bad_request"
handler404 = "commerce.problems.not_found"
handler500 = "commerce.problems.internal_error"
