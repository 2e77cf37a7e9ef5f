"""How often one caller may ask: rates, the windows they are counted in, and who is counted where.

`rates` reads the settings' words, `windows` counts in Redis, `classes` knows the routes, `plan`
puts together what one request is counted as. `roto_server.api.limiting` asks them.
"""
