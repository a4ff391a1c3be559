"""API Gateway's HTTP API: `app` takes a request, finds its route (`routes`), asks the authorizer (`authorization`), has
the function answer an event (`events`), and makes HTTP of what it answers (`answers`).
"""
