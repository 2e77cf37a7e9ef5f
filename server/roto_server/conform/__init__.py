"""Edit lists become shots: what a list says, which media it means, what has changed since.

`reading` has a list read by OpenTimelineIO in a process of its own (`child`, `edl`, `timelines`)
and gives back an `events.EditList`. `matching` finds the media, `placing` the frames, `comparing`
what a newer list changed; all three are pure. `scenes` cuts where there is no list.

Times are whole frames since 00:00:00:00 at an exact rate; ``out`` is the first frame that is not
in any more, as lists write it. Plate frames are inclusive, as everywhere.
"""
