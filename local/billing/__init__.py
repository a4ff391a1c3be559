"""Exports in Stripe's form, sent to Stripe so that running twice bills once.

Every line has an id of what it bills, whatever it comes to and whichever export says so. It is the key under which
Stripe recognises a repeated request, and that is not enough: Stripe forgets keys, after a day at the earliest. So what
is there is looked at first, and only what is not is sent. What is there with another amount, since usage came late or
was taken back, is told and left alone.
"""
